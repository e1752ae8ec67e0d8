-- Each connected agent has a name that people can say, and its client's own name beside it.

-- Agents of older versions that still run have no client: they keep their client's name for theirs, which many share.
ALTER TABLE agents ADD COLUMN client text;
ALTER TABLE agents ADD COLUMN branch text;
ALTER TABLE agents ADD COLUMN terminal text;
ALTER TABLE agents ADD COLUMN last_prompt text;

-- Whatever their project: an agent meets the locks of others on the boards of other repositories too.
CREATE UNIQUE INDEX agents_living_name_key ON agents (name) WHERE status = 'active' AND client IS NOT NULL;
CREATE INDEX agents_project_id_name_idx ON agents (project_id, name);

-- == Functions and views, as in prisma/functions

-- What texts name an agent by (AgentFacts in src/text/word-agent.ts). isMain: it works in the main checkout of its project.
CREATE OR REPLACE FUNCTION agent_facts(p_agent agents) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', p_agent.id, 'name', p_agent.name, 'client', p_agent.client, 'host', p_agent.host,
    'pid', p_agent.pid, 'worktree', p_agent.worktree, 'branch', p_agent.branch, 'terminal', p_agent.terminal,
    'task', p_agent.current_task, 'prompt', p_agent.last_prompt, 'isMain', coalesce((
      SELECT p.root IN (p_agent.worktree, p_agent.worktree || '/.git', p_agent.worktree || '\.git')
      FROM projects p WHERE p.id = p_agent.project_id), false));
$$;

-- What blocks a request, as people ask about it: locks by their id, positions in the queue by w and theirs. denies: the
-- boards whose locks exclude across worktrees.
CREATE OR REPLACE FUNCTION describe_conflicts(p_blocking text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT coalesce(jsonb_agg(c ORDER BY c.since), '[]') FROM (
    SELECT l.id, ARRAY[l.project_id] AS boards, ARRAY[l.worktree] AS worktrees, ARRAY[l.key] AS keys,
           ARRAY[l.is_glob] AS globs, denying_boards(ARRAY[l.project_id]) AS denies, ARRAY[l.pattern] AS patterns, l.mode,
           l.agent_id AS agent, l.session_id AS session, a.name,
           agent_facts(a) AS holder, coalesce(s.task, a.current_task) AS task,
           l.acquired_at AS since, l.expires_at AS expires, greatest(s.last_active_at, a.last_seen_at) AS active,
           a.suspected_at IS NOT NULL AS suspected, false AS queued
    FROM locks l JOIN agents a ON a.id = l.agent_id LEFT JOIN sessions s ON s.id = l.session_id
    WHERE l.id = ANY(p_blocking)
    UNION ALL
    SELECT 'w' || w.id, (w.request).boards, (w.request).worktrees, (w.request).keys, (w.request).globs,
           denying_boards((w.request).boards), (w.request).patterns, (w.request).mode, w.agent_id, (w.request).session_id,
           a.name, agent_facts(a), coalesce(s.task, a.current_task), w.queued_at, w.alive_until,
           greatest(s.last_active_at, a.last_seen_at), a.suspected_at IS NOT NULL, true
    FROM lock_waiters w JOIN agents a ON a.id = w.agent_id LEFT JOIN sessions s ON s.id = (w.request).session_id
    WHERE w.id = ANY(queue_positions(p_blocking))
  ) c);
END $$;

-- The name of an agent that connects: the one that it has, else the one that its client's session had, else the first of
-- these that no connected agent has; best one that nobody in its project had lately, so that yesterday's agent is not taken
-- for it. Two agents may choose the same at once: the index agents_living_name_key refuses one of them, which asks again.
CREATE OR REPLACE FUNCTION choose_agent_name(p_agent text, p_project text, p_session text, p_names text[]) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT w.name FROM (
    SELECT name, 0 AS rank FROM agents WHERE id = p_agent AND client IS NOT NULL
    UNION ALL
    (SELECT name, 1 FROM agents
     WHERE project_id = p_project AND client_session = p_session AND client IS NOT NULL AND id <> p_agent
     ORDER BY connected_at DESC LIMIT 1)
    UNION ALL
    SELECT name, 1 + position FROM unnest(p_names) WITH ORDINALITY AS n (name, position)
  ) w
  WHERE NOT EXISTS (
    SELECT 1 FROM agents a WHERE a.name = w.name AND a.status = 'active' AND a.client IS NOT NULL AND a.id <> p_agent)
  ORDER BY w.rank > 1 AND EXISTS (
    SELECT 1 FROM agents a WHERE a.project_id = p_project AND a.name = w.name AND a.last_seen_at > now() - interval '7 days'
  ), w.rank LIMIT 1;
$$;

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
