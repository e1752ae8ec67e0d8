-- Ends live locks: the rows stay as history (a stale holder is known by them), the next in the queue is granted its
-- locks, the holder is told unless it let go itself. Locks that have ended already are passed over. Returns those that
-- were ended. Under the lock of their projects.
CREATE OR REPLACE FUNCTION close_locks(p_ids text[], p_reason lock_end_reason, p_note text DEFAULT NULL) RETURNS SETOF locks
LANGUAGE plpgsql AS $$
DECLARE
  v_lock locks;
  v_ended locks[] := '{}';
  v_group record;
BEGIN
  FOR v_lock IN
    UPDATE locks SET ended_at = clock_timestamp(), end_reason = p_reason
    -- (hint: hidden column. An index of live locks would fit IS NULL, and be read whole.)
    WHERE id = ANY(p_ids) AND coalesce(ended_at, 'infinity') = 'infinity' RETURNING *
  LOOP
    v_ended := v_ended || v_lock;
    RETURN NEXT v_lock;
  END LOOP;
  IF cardinality(v_ended) = 1 THEN
    -- By far the most frequent, and spared the grouping.
    v_lock := v_ended[1];
    PERFORM log_ended_locks(v_lock.project_id, v_lock.agent_id, v_lock.session_id, v_lock.pattern, jsonb_build_array(
      jsonb_build_object('id', v_lock.id, 'pattern', v_lock.pattern, 'token', v_lock.token)), p_reason, p_note);
    PERFORM grant_next(v_lock.project_id, v_lock.agent_id, coalesce(v_lock.session_id, v_lock.agent_id));
    RETURN;
  END IF;
  FOR v_group IN
    SELECT e.project_id, e.agent_id, e.session_id, string_agg(e.pattern, ', ' ORDER BY e.pattern) AS patterns,
           jsonb_agg(jsonb_build_object('id', e.id, 'pattern', e.pattern, 'token', e.token) ORDER BY e.pattern) AS locks
    FROM unnest(v_ended) e GROUP BY e.project_id, e.agent_id, e.session_id
  LOOP
    PERFORM log_ended_locks(v_group.project_id, v_group.agent_id, v_group.session_id, v_group.patterns, v_group.locks,
                            p_reason, p_note);
  END LOOP;
  -- Only when all have ended: who queues may wait for several of them.
  FOR v_group IN
    SELECT DISTINCT e.project_id, e.agent_id, coalesce(e.session_id, e.agent_id) AS owner
    FROM unnest(v_ended) e
  LOOP
    PERFORM grant_next(v_group.project_id, v_group.agent_id, v_group.owner);
  END LOOP;
END $$;
