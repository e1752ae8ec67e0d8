-- Opens the session of a request with its task.
CREATE OR REPLACE FUNCTION begin_task(p_request lock_request, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sessions (id, project_id, agent_id, task)
  VALUES (p_request.session_id, p_request.project_id, p_request.agent_id, p_request.task);
  UPDATE agents SET current_task = p_request.task, last_seen_at = p_now WHERE id = p_request.agent_id;
  INSERT INTO activities (project_id, agent_id, session_id, type, subject)
  VALUES (p_request.project_id, p_request.agent_id, p_request.session_id, 'task_started', left(p_request.task, 300));
END $$;
