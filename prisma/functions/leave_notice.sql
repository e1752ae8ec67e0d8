-- Leaves a notice for an agent and tells its process, which alone listens on the agent's channel.
CREATE OR REPLACE FUNCTION leave_notice(p_project text, p_agent text, p_kind text, p_message text, p_data jsonb) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO notices (project_id, agent_id, kind, message, data) VALUES (p_project, p_agent, p_kind, p_message, p_data);
  SELECT pg_notify('popstash_' || p_agent, 'notice:' || p_agent);
$$;
