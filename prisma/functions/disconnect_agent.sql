-- Ends an agent: its locks are free, its sessions abandoned, its positions in queues given up. Returns what ended with
-- it; null when it had ended before. Fails with serialization_failure, to be called again, when the agent was just granted
-- something on another board. (hint: index plans.)
CREATE OR REPLACE FUNCTION disconnect_agent(p_agent text, p_reason text) RETURNS jsonb
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  v_agent agents;
  v_boards text[] := boards_of_agent(p_agent);
  v_locks jsonb;
  v_sessions jsonb;
BEGIN
  PERFORM lock_boards(v_boards);
  -- From here on nothing more is granted to it: that takes the lock of its own project.
  IF NOT boards_of_agent(p_agent) <@ v_boards THEN
    RAISE EXCEPTION 'agent % is on more boards than were locked', p_agent USING ERRCODE = 'serialization_failure';
  END IF;
  UPDATE agents SET status = 'disconnected', disconnected_at = now(), current_task = NULL, suspected_at = NULL
  WHERE id = p_agent AND status <> 'disconnected' RETURNING * INTO v_agent;
  IF v_agent.id IS NULL THEN RETURN NULL; END IF;
  -- Its positions first: the end of its own locks is not to grant it anything.
  PERFORM leave_queue(id, '{}') FROM lock_waiters WHERE agent_id = p_agent;
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'pattern', e.pattern)), '[]') INTO v_locks
  FROM end_locks(ARRAY(SELECT id FROM locks WHERE agent_id = p_agent AND ended_at IS NULL), 'disconnected', p_reason) e;
  WITH ended AS (
    UPDATE sessions SET status = 'abandoned', ended_at = now() WHERE agent_id = p_agent AND status = 'active'
    RETURNING id, task
  ), logged AS (
    INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
    SELECT v_agent.project_id, p_agent, id, 'task_abandoned', left(task, 300), jsonb_build_object('reason', p_reason) FROM ended
  ) SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'task', task)), '[]') INTO v_sessions FROM ended;
  INSERT INTO activities (project_id, agent_id, type, subject, metadata)
  VALUES (v_agent.project_id, p_agent, 'agent_disconnected', coalesce(v_agent.client, v_agent.name),
    jsonb_build_object('reason', p_reason));
  RETURN jsonb_build_object('agent', p_agent, 'project', v_agent.project_id, 'locks', v_locks, 'sessions', v_sessions);
END $$;
