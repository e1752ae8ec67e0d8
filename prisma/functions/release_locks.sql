-- Releases an owner's locks on these paths. Not waited for on the disk, unless somebody may be granted them: a release
-- that a crash forgets leaves a lock that expires, and whoever is granted the path after it waits for both.
CREATE OR REPLACE FUNCTION release_locks(p_project text, p_agent text, p_session text, p_paths text[], p_points text[])
RETURNS SETOF locks
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
  PERFORM lock_project(p_project);
  IF NOT EXISTS (SELECT 1 FROM lock_waiters WHERE project_id = p_project) THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  RETURN QUERY SELECT * FROM close_locks(ARRAY(
    SELECT l.id FROM (
      -- By their places alone (OFFSET 0): other indexes fit the rest.
      SELECT * FROM locks WHERE ended_at IS NULL AND base IS NOT NULL AND (project_id || '/' || base) COLLATE "C" = ANY(p_points) OFFSET 0
    ) l
    WHERE NOT l.is_glob AND l.key = ANY(p_paths) AND l.expires_at > clock_timestamp() AND l.agent_id = p_agent
      AND is_same_owner(p_agent, p_session, l.agent_id, l.session_id)), 'released');
END $$;
