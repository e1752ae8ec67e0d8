-- A round of a process whose agents wait in the queue: renews all its positions by one row, and looks for what no signal
-- tells of. It changes nothing else, and takes no lock of a board. (hint: index plans.)
--   p_boards     those that the positions are on
--   p_positions  the process's own, to be looked at one by one; empty in most rounds
-- Returns {due: boards with locks whose time is up, dead: agents in the way whose process is dead, lapsed: whether a process has
-- just ceased to renew its positions, retry: those of p_positions that are gone, or that nothing
-- blocks any more}.
CREATE OR REPLACE FUNCTION keep_queue(p_keeper text, p_boards text[], p_positions bigint[]) RETURNS jsonb
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
  v_due text[];
  v_heads text[];
  v_dead text[];
  v_lapsed boolean;
  v_retry bigint[] := '{}';
BEGIN
  PERFORM renew_keeper(p_keeper);
  v_due := ARRAY(
    SELECT board FROM unnest(p_boards) board
    WHERE EXISTS (SELECT 1 FROM locks WHERE project_id = board AND ended_at IS NULL AND expires_at <= clock_timestamp()));
  -- Those at the head of a queue, and those for whom they wait: who is dead among them holds up all others. One process
  -- looks at a time, for all boards.
  IF NOT EXISTS (SELECT 1 FROM queue_keepers WHERE looked_at > clock_timestamp() - interval '400 milliseconds') THEN
    UPDATE queue_keepers SET looked_at = clock_timestamp() WHERE id = p_keeper;
    WITH queue AS MATERIALIZED (
      SELECT agent_id, owner, waits_for FROM kept_positions
    ), head AS MATERIALIZED (
      SELECT q.agent_id, q.waits_for FROM queue q
      WHERE NOT EXISTS (SELECT 1 FROM unnest(q.waits_for) awaited WHERE awaited IN (SELECT owner FROM queue))
    )
    SELECT array_agg(DISTINCT agent) INTO v_heads FROM (
      SELECT agent_id AS agent FROM head
      UNION SELECT coalesce((SELECT s.agent_id FROM sessions s WHERE s.id = awaited), awaited) FROM head, unnest(waits_for) awaited
    ) a JOIN agents ON agents.id = agent WHERE agents.has_liveness_lock;
    v_dead := dead_agents(v_heads);
  END IF;
  v_lapsed := EXISTS (
    SELECT 1 FROM queue_keepers k
    WHERE k.alive_until <= clock_timestamp() AND k.alive_until > clock_timestamp() - interval '3 seconds'
      AND EXISTS (SELECT 1 FROM lock_waiters w WHERE w.keeper = k.id));
  IF p_positions <> '{}' THEN
    v_retry := ARRAY(
      SELECT asked FROM unnest(p_positions) asked LEFT JOIN lock_waiters w ON w.id = asked
      WHERE w.id IS NULL OR NOT EXISTS (
        SELECT 1 FROM unnest(w.waits_for) awaited
        WHERE awaited IN (SELECT owner FROM kept_positions)
          OR EXISTS (
            SELECT 1 FROM locks l
            WHERE l.agent_id = coalesce((SELECT s.agent_id FROM sessions s WHERE s.id = awaited), awaited)
              AND l.ended_at IS NULL AND coalesce(l.session_id, l.agent_id) = awaited)));
  END IF;
  RETURN jsonb_build_object('due', v_due, 'dead', coalesce(v_dead, '{}'), 'lapsed', v_lapsed, 'retry', v_retry);
END $$;
