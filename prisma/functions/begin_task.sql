-- Begins the task of a request in its session: opens the session, or gives an open one the new name.
CREATE OR REPLACE FUNCTION begin_task(p_request lock_request, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_was text;
  v_is_subagent boolean := false;
BEGIN
  SELECT task, subagent IS NOT NULL INTO v_was, v_is_subagent FROM sessions
  WHERE id = p_request.session_id AND status = 'active';
  IF FOUND THEN
    UPDATE sessions SET task = p_request.task, last_active_at = p_now WHERE id = p_request.session_id;
  ELSE
    -- It is there when it was ended while its agent's process had not heard of that yet.
    INSERT INTO sessions (id, project_id, agent_id, task)
    VALUES (p_request.session_id, p_request.project_id, p_request.agent_id, p_request.task)
    ON CONFLICT (id) DO UPDATE SET status = 'active', ended_at = NULL, task = excluded.task, last_active_at = p_now;
  END IF;
  UPDATE agents SET current_task = CASE WHEN v_is_subagent THEN current_task ELSE p_request.task END, last_seen_at = p_now
  WHERE id = p_request.agent_id;
  IF v_was IS DISTINCT FROM p_request.task THEN
    INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
    VALUES (p_request.project_id, p_request.agent_id, p_request.session_id,
            CASE WHEN v_was IS NULL THEN 'task_started' ELSE 'task_renamed' END, left(p_request.task, 300),
            CASE WHEN v_was IS NULL THEN '{}' ELSE jsonb_build_object('was', left(v_was, 300)) END);
  END IF;
END $$;
