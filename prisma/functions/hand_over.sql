-- Something of this owner's has come to an end: whoever waits for it, and for nobody that queued before, is granted its
-- locks here and told so. A waiter that begins a task, has not looked for a second or may be dead, or has globs to
-- compare, is only told that its turn has come. Needs the project's turn.
CREATE OR REPLACE FUNCTION hand_over(p_project text, p_agent text, p_owner text) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  v_waiter record;
  v_before text[] := '{}';
  v_granted jsonb;
  v_waited boolean := false;
  v_queued bigint;
  v_ids text[];
  v_keys text[];
BEGIN
  FOR v_waiter IN
    SELECT * FROM lock_waiters WHERE project_id = p_project AND alive_until > clock_timestamp() ORDER BY id
  LOOP
    IF v_waiter.owner = p_owner THEN v_queued := coalesce(v_queued, v_waiter.id); END IF;
    IF p_owner = ANY(v_waiter.waits_for) THEN
      v_waited := true;
      IF NOT v_waiter.waits_for && v_before THEN
        v_granted := NULL;
        IF NOT v_waiter.begins_task AND v_waiter.alive_until > clock_timestamp() + interval '4 seconds'
           AND lost_proof(v_waiter.agent_id) = 'no' THEN
          v_granted := acquire_locks(p_project, v_waiter.agent_id, v_waiter.session_id, NULL, v_waiter.lock_ids,
            v_waiter.patterns, v_waiter.keys, v_waiter.bases, v_waiter.globs, v_waiter.points, v_waiter.ranges,
            v_waiter.mode, v_waiter.life_seconds, v_waiter.origin, v_waiter.free, v_waiter.overlapping, v_waiter.id,
            false, false, true);
        END IF;
        IF NOT v_granted ? 'granted' THEN v_granted := NULL; END IF;
        -- One that does not fit into a signal (8,000 bytes) is found by asking again: it is held by then.
        PERFORM pg_notify('popstash_' || v_waiter.agent_id, CASE
          WHEN octet_length(v_granted::text) < 7500
          THEN 'granted:' || v_waiter.owner || ':' || v_waiter.id || ':' || v_granted ELSE 'turn:' || v_waiter.owner END);
      END IF;
    END IF;
    v_before := v_before || v_waiter.owner;
  END LOOP;
  -- Who is left in the queue no longer waits for this owner, unless it has something else in the way.
  IF v_waited THEN
    SELECT coalesce(array_agg(l.id), '{}'), coalesce(array_agg(l.key), '{}') INTO v_ids, v_keys FROM locks l
    WHERE l.agent_id = p_agent AND l.ended_at IS NULL AND coalesce(l.session_id, l.agent_id) = p_owner;
    UPDATE lock_waiters SET waits_for = array_remove(waits_for, p_owner)
    WHERE project_id = p_project AND p_owner = ANY(waits_for) AND NOT overlapping && v_ids AND NOT keys && v_keys
      AND (v_queued IS NULL OR id < v_queued);
  END IF;
END $$;
