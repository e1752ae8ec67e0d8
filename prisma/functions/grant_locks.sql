-- Grants a request that nothing blocks, begins its task, and ends its position in the queue: those behind it wait for
-- these locks now. Returns the locks in the order of the request. Under the boards' locks.
--   p_is_near  the agent holds a lock near by, perhaps one of these
CREATE OR REPLACE FUNCTION grant_locks(p_request lock_request, p_waiter bigint, p_is_near boolean, p_now timestamptz)
RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  v_life interval := make_interval(secs => p_request.life_seconds);
  v_lock locks;
  v_granted jsonb := '[]';
  v_new text[];
BEGIN
  IF p_request.task IS NOT NULL THEN PERFORM begin_task(p_request, p_now); END IF;
  IF p_waiter IS NOT NULL THEN PERFORM delete_position(p_waiter); END IF;
  FOR i IN 1 .. cardinality(p_request.lock_ids) LOOP
    v_lock := NULL;
    IF p_is_near THEN v_lock := renew_lock(p_request, i, p_now + v_life); END IF;
    IF v_lock.id IS NULL THEN
      INSERT INTO locks (id, project_id, worktree, agent_id, session_id, pattern, key, literal_prefix, is_glob, mode, origin,
                         token, life_seconds, acquired_at, expires_at)
      VALUES (p_request.lock_ids[i], p_request.boards[i], p_request.worktrees[i], p_request.agent_id, p_request.session_id,
              p_request.patterns[i], p_request.keys[i], p_request.literal_prefixes[i], p_request.globs[i], p_request.mode,
              p_request.origin, nextval('lock_tokens'), p_request.life_seconds, p_now, p_now + v_life)
      RETURNING * INTO v_lock;
      v_new := v_new || v_lock.pattern;
    END IF;
    v_granted := v_granted || jsonb_build_object('id', v_lock.id, 'pattern', v_lock.pattern, 'mode', v_lock.mode,
      'token', v_lock.token, 'acquired', v_lock.acquired_at, 'expires', v_lock.expires_at);
  END LOOP;
  IF v_new IS NULL THEN RETURN v_granted; END IF;
  IF p_request.project_id = ALL(p_request.boards) THEN
    INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
    VALUES (p_request.project_id, p_request.agent_id, p_request.session_id, 'lock_acquired',
            left(array_to_string(v_new, ', '), 300),
            jsonb_build_object('locks', v_granted, 'mode', p_request.mode, 'origin', p_request.origin));
  ELSE
    INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
    SELECT asked.board, p_request.agent_id, p_request.session_id, 'lock_acquired',
           left(string_agg(asked.pattern, ', ' ORDER BY asked.position), 300),
           jsonb_build_object('locks', v_granted, 'mode', p_request.mode, 'origin', p_request.origin)
    FROM unnest(p_request.boards, p_request.patterns) WITH ORDINALITY AS asked (board, pattern, position) GROUP BY 1;
  END IF;
  RETURN v_granted;
END $$;
