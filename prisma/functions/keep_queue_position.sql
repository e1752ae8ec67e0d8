-- Keeps a position in the queue, or takes one at its end when the request has none (any more): it is kept by asking
-- again within five seconds. Returns its id.
CREATE OR REPLACE FUNCTION keep_queue_position(
  p_request lock_request, p_free text[], p_overlapping text[], p_waiter bigint, p_owners text[], p_now timestamptz
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  v_owners text[] := ARRAY(SELECT DISTINCT unnest(p_owners));
  v_boards text[];
  v_waiter bigint;
BEGIN
  IF p_waiter IS NOT NULL THEN
    UPDATE lock_waiters SET waits_for = v_owners, alive_until = p_now + interval '5 seconds', free = p_free,
      overlapping = p_overlapping WHERE id = p_waiter RETURNING id INTO v_waiter;
  END IF;
  IF v_waiter IS NULL THEN
    v_boards := ARRAY(SELECT DISTINCT unnest(p_request.project_id || p_request.boards));
    INSERT INTO lock_waiters (project_id, board, boards, agent_id, owner, request, free, overlapping, waits_for, queued_at, alive_until)
    VALUES (p_request.project_id, CASE WHEN cardinality(v_boards) = 1 THEN v_boards[1] ELSE '' END, v_boards,
      p_request.agent_id, coalesce(p_request.session_id, p_request.agent_id), p_request, p_free, p_overlapping, v_owners,
      p_now, p_now + interval '5 seconds')
    RETURNING id INTO v_waiter;
  END IF;
  RETURN v_waiter;
END $$;
