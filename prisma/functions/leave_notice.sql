-- Leaves a notice for an agent and tells its process, which alone listens on the agent's channel. The facts of each kind
-- are in src/coordination/notices/notice-types.ts; the words are made where the notice is shown.
CREATE OR REPLACE FUNCTION leave_notice(p_project text, p_agent text, p_kind notice_kind, p_facts jsonb) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO notices (project_id, agent_id, kind, facts) VALUES (p_project, p_agent, p_kind, p_facts);
  SELECT pg_notify('popstash_' || p_agent, 'notice:' || p_agent);
$$;
