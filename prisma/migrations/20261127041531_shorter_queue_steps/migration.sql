-- Queue positions: fewer statements when one is taken, and when a lock is released that nobody waits for.

-- == Functions and views, as in prisma/functions

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

-- Keeps a position in the queue, or takes one at its end when the request has none (any more). It stands for as long as
-- its process renews its keeper. Returns its id.
--   p_owners  of what blocks the request
CREATE OR REPLACE FUNCTION keep_queue_position(
  p_request lock_request, p_free text[], p_overlapping text[], p_waiter bigint, p_keeper text, p_owners text[],
  p_now timestamptz
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  v_owners text[] := ARRAY(SELECT DISTINCT unnest(p_owners));
  v_boards text[];
  v_waiter bigint;
BEGIN
  -- A process that has just begun to wait has not renewed it yet.
  IF NOT EXISTS (SELECT 1 FROM queue_keepers WHERE id = p_keeper AND alive_until > p_now + interval '4 seconds') THEN
    PERFORM renew_keeper(p_keeper);
  END IF;
  IF p_waiter IS NOT NULL THEN
    UPDATE lock_waiters SET free = p_free, overlapping = p_overlapping, keeper = p_keeper
    WHERE id = p_waiter RETURNING id INTO v_waiter;
  END IF;
  IF v_waiter IS NOT NULL THEN
    PERFORM set_waits(v_waiter, v_owners);
  ELSE
    v_boards := ARRAY(SELECT DISTINCT unnest(p_request.project_id || p_request.boards));
    INSERT INTO lock_waiters (project_id, board, boards, sole_key, agent_id, owner, keeper, request, free, overlapping,
      waits_for, queued_at)
    VALUES (p_request.project_id, CASE WHEN cardinality(v_boards) = 1 THEN v_boards[1] ELSE '' END, v_boards,
      CASE WHEN cardinality(p_request.keys) = 1 AND NOT p_request.globs[1]
        THEN p_request.boards[1] || '/' || p_request.keys[1] END,
      p_request.agent_id, coalesce(p_request.session_id, p_request.agent_id), p_keeper, p_request, p_free, p_overlapping,
      v_owners, p_now)
    RETURNING id INTO v_waiter;
    INSERT INTO lock_waits (owner, waiter) SELECT owner, v_waiter FROM unnest(v_owners) owner;
  END IF;
  RETURN v_waiter;
END $$;
