-- An agent is gone: its locks are free, its sessions abandoned, its places in queues empty. Null when it already was.
CREATE OR REPLACE FUNCTION disconnect_agent(p_agent text, p_reason text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  v_agent agents;
  v_locks jsonb;
  v_sessions jsonb;
BEGIN
  PERFORM lock_project(project_id) FROM agents WHERE id = p_agent AND status <> 'disconnected';
  UPDATE agents SET status = 'disconnected', disconnected_at = now(), current_task = NULL, proof_lost_at = NULL
  WHERE id = p_agent AND status <> 'disconnected' RETURNING * INTO v_agent;
  IF v_agent.id IS NULL THEN RETURN NULL; END IF;
  -- Its places first: it is not to be granted anything by its own locks' end.
  PERFORM leave_queue(id, '{}') FROM lock_waiters WHERE project_id = v_agent.project_id AND agent_id = p_agent;
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'pattern', e.pattern)), '[]') INTO v_locks
  FROM end_locks(ARRAY(SELECT id FROM locks WHERE agent_id = p_agent AND ended_at IS NULL), 'disconnected', p_reason) e;
  WITH ended AS (
    UPDATE sessions SET status = 'abandoned', ended_at = now() WHERE agent_id = p_agent AND status = 'active'
    RETURNING id, task
  ), logged AS (
    INSERT INTO activities (project_id, agent_id, session_id, type, description, metadata)
    SELECT v_agent.project_id, p_agent, id, 'task_abandoned', left('Abandoned: ' || task, 300),
           jsonb_build_object('reason', p_reason) FROM ended
  ) SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'task', task)), '[]') INTO v_sessions FROM ended;
  INSERT INTO activities (project_id, agent_id, type, description, metadata)
  VALUES (v_agent.project_id, p_agent, 'agent_disconnected', 'Disconnected: ' || v_agent.name,
          jsonb_build_object('reason', p_reason));
  RETURN jsonb_build_object('agent', p_agent, 'project', v_agent.project_id, 'locks', v_locks, 'sessions', v_sessions);
END $$;
