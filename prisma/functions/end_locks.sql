-- Ends live locks of any projects; see close_locks. (hint: index plans.)
CREATE OR REPLACE FUNCTION end_locks(p_ids text[], p_reason lock_end_reason, p_note text DEFAULT NULL) RETURNS SETOF locks
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
  PERFORM lock_boards(ARRAY(
    SELECT project_id FROM locks
    WHERE id = ANY(p_ids) AND coalesce(ended_at, 'infinity') = 'infinity')); -- (hint: hidden column)
  RETURN QUERY SELECT * FROM close_locks(p_ids, p_reason, p_note);
END $$;
