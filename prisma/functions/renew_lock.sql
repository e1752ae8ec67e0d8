-- The live lock of the same owner on the pattern at a position of a request, perhaps held as part of the whole agent: it
-- lives on, under the same token unless it becomes stronger. Null when there is none. An edit waits for its hook, and a commit
-- waits for the disk: what a hook claims again within a tenth of its life stays as it is.
CREATE OR REPLACE FUNCTION renew_lock(p_request lock_request, p_position integer, p_expires_at timestamptz) RETURNS locks
LANGUAGE plpgsql AS $$
DECLARE
  v_lock locks;
  v_id text;
BEGIN
  SELECT l.id INTO v_id FROM live_locks_by_key l
  WHERE l.lookup_key = p_request.boards[p_position] || '/' || p_request.literal_prefixes[p_position]
    AND l.worktree = p_request.worktrees[p_position] AND l.key = p_request.keys[p_position] AND l.is_glob = p_request.globs[p_position]
    AND l.agent_id || '' = p_request.agent_id -- (hint: hidden column. The agent may hold thousands.)
    AND is_same_owner(p_request.agent_id, p_request.session_id, l.agent_id, l.session_id)
  ORDER BY l.mode, l.token LIMIT 1;
  IF v_id IS NULL THEN RETURN NULL; END IF;
  IF p_request.origin = 'hook' THEN
    SELECT * INTO v_lock FROM locks
    WHERE id = v_id AND mode = p_request.mode AND (session_id IS NOT NULL OR p_request.session_id IS NULL)
      AND life_seconds = p_request.life_seconds AND warned_at IS NULL
      AND expires_at > p_expires_at - make_interval(secs => p_request.life_seconds / 10.0);
    IF FOUND THEN RETURN v_lock; END IF;
  END IF;
  UPDATE locks SET
    mode = CASE WHEN p_request.mode = 'exclusive' THEN 'exclusive' ELSE mode END,
    token = CASE WHEN p_request.mode = 'exclusive' AND mode = 'shared' THEN nextval('lock_tokens') ELSE token END,
    session_id = coalesce(session_id, p_request.session_id),
    origin = CASE WHEN p_request.origin = 'tool' THEN 'tool' ELSE origin END,
    life_seconds = p_request.life_seconds, warned_at = NULL, expires_at = greatest(expires_at, p_expires_at)
  WHERE id = v_id RETURNING * INTO v_lock;
  RETURN v_lock;
END $$;
