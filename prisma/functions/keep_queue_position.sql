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
