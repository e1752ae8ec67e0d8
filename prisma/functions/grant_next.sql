-- Called when something of this owner's on this board has ended: those who wait for it, and for nobody that queued before,
-- are granted their locks here and told so. A waiter that begins a task, has not asked for a second or may be dead, asks on
-- other boards too, or has globs to compare, is only told to ask again. Under the board's lock.
CREATE OR REPLACE FUNCTION grant_next(p_board text, p_agent text, p_owner text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_waiter lock_waiters;
  v_earlier text[] := '{}';
  v_granted jsonb;
  v_is_awaited boolean := false;
  v_position bigint;
  v_ids text[];
  v_paths text[];
BEGIN
  FOR v_waiter IN
    SELECT * FROM queue_on_boards(ARRAY[p_board]) WHERE alive_until > clock_timestamp() ORDER BY id
  LOOP
    IF v_waiter.owner = p_owner THEN v_position := coalesce(v_position, v_waiter.id); END IF;
    IF p_owner = ANY(v_waiter.waits_for) THEN
      v_is_awaited := true;
      IF NOT v_waiter.waits_for && v_earlier THEN
        v_granted := NULL;
        IF (v_waiter.request).task IS NULL AND v_waiter.boards = ARRAY[p_board]
           AND v_waiter.alive_until > clock_timestamp() + interval '4 seconds'
           AND agent_liveness(v_waiter.agent_id) = 'alive' THEN
          v_granted := grant_waiter(v_waiter);
        END IF;
        -- What does not fit into a signal (8,000 bytes) is found by asking again: it is held by then.
        PERFORM pg_notify('popstash_' || v_waiter.agent_id, CASE
          WHEN octet_length(v_granted::text) < 7500
          THEN 'granted:' || v_waiter.owner || ':' || v_waiter.id || ':' || v_granted ELSE 'retry:' || v_waiter.owner END);
      END IF;
    END IF;
    v_earlier := v_earlier || v_waiter.owner;
  END LOOP;
  -- Those who are left in the queue no longer wait for this owner, unless it has something else in their way.
  IF v_is_awaited THEN
    SELECT coalesce(array_agg(l.id), '{}'), coalesce(array_agg(l.worktree || '/' || l.key), '{}') INTO v_ids, v_paths
    FROM locks l WHERE l.agent_id = p_agent AND l.ended_at IS NULL AND coalesce(l.session_id, l.agent_id) = p_owner;
    UPDATE lock_waiters SET waits_for = array_remove(waits_for, p_owner)
    WHERE id IN (SELECT id FROM queue_on_boards(ARRAY[p_board])) AND p_owner = ANY(waits_for) AND NOT overlapping && v_ids
      AND NOT (request).paths && v_paths AND (v_position IS NULL OR id < v_position);
  END IF;
END $$;
