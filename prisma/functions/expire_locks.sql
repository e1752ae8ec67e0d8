-- Ends a project's locks whose time is up; see close_locks. (hint: index plans.)
CREATE OR REPLACE FUNCTION expire_locks(p_project text) RETURNS SETOF locks
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
  PERFORM lock_project(p_project);
  RETURN QUERY SELECT * FROM close_locks(ARRAY(
    SELECT id FROM locks WHERE project_id = p_project AND ended_at IS NULL AND expires_at <= clock_timestamp()), 'expired');
END $$;
