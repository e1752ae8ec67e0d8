-- Called when something of this owner's on this board has ended: those who wait for it are granted their locks here, in the
-- order of asking, and told so; those that something else blocks wait for that from now on. Of many who wait for one path
-- only the first waits for its holder, and each other one for the one before it. A waiter that begins a task, whose process
-- has not renewed its positions for two seconds or may be dead, that asks on other boards too, or has globs to compare, is
-- only told to ask again. Under the board's lock.
CREATE OR REPLACE FUNCTION grant_next(p_board text, p_agent text, p_owner text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_next record;
  v_waiter lock_waiters;
  v_found record;
  v_granted jsonb;
BEGIN
  -- By far the most frequent.
  IF NOT EXISTS (SELECT 1 FROM lock_waits WHERE owner IN (p_owner, p_agent)) THEN RETURN; END IF;
  FOR v_next IN
    -- By the agent too: a lock of the whole agent may have become one of its session meanwhile.
    SELECT w.id, k.alive_until FROM lock_waits e JOIN lock_waiters w ON w.id = e.waiter JOIN queue_keepers k ON k.id = w.keeper
    WHERE e.owner IN (p_owner, p_agent) AND p_board = ANY(w.boards) ORDER BY w.id
  LOOP
    CONTINUE WHEN v_next.alive_until <= clock_timestamp();
    -- What had expired before may have been granted to it meanwhile.
    SELECT * INTO v_waiter FROM lock_waiters WHERE id = v_next.id;
    CONTINUE WHEN v_waiter.id IS NULL;
    v_found := find_lock_conflicts(v_waiter.request, v_waiter.free, v_waiter.overlapping, v_waiter.id, false);
    CONTINUE WHEN v_found.expired IS NOT NULL AND NOT EXISTS (SELECT 1 FROM lock_waiters WHERE id = v_waiter.id);
    IF v_found.undecided IS NULL AND v_found.blocking IS NOT NULL THEN
      PERFORM set_waits(v_waiter.id, ARRAY(SELECT DISTINCT unnest(v_found.owners)));
      CONTINUE;
    END IF;
    v_granted := NULL;
    IF v_found.undecided IS NULL AND (v_waiter.request).task IS NULL AND v_waiter.boards = ARRAY[p_board]
       AND v_next.alive_until > clock_timestamp() + interval '3 seconds'
       AND agent_liveness(v_waiter.agent_id) = 'alive' THEN
      v_granted := jsonb_build_object(
        'granted', grant_locks(v_waiter.request, v_waiter.id, v_found.is_near, v_found.seen_at),
        'elsewhere', v_found.is_elsewhere, 'now', v_found.seen_at, 'expired', coalesce(v_found.expired, '[]'));
    END IF;
    -- What does not fit into a signal (8,000 bytes) is found by asking again: it is held by then.
    PERFORM pg_notify('popstash_' || v_waiter.agent_id, CASE
      WHEN octet_length(v_granted::text) < 7500
      THEN 'granted:' || v_waiter.owner || ':' || v_waiter.id || ':' || v_granted ELSE 'retry:' || v_waiter.owner END);
  END LOOP;
END $$;
