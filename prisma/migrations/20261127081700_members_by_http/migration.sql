-- Members of a team connect by HTTP: their access tokens, their sessions, and whose an agent is.
ALTER TABLE agents ADD COLUMN person text, ADD COLUMN member_id text;

CREATE TABLE access_tokens (
  id text PRIMARY KEY,
  person text NOT NULL,
  hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);

CREATE TABLE http_sessions (
  id text PRIMARY KEY,
  agent_id text NOT NULL,
  member_id text NOT NULL,
  person text NOT NULL,
  initialize jsonb NOT NULL,
  process text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX http_sessions_seen_at_idx ON http_sessions (seen_at);

-- == Functions and views, as in prisma/functions

-- What texts name an agent by (AgentFacts in src/text/word-agent.ts). isMain: it works in the main checkout of its project.
CREATE OR REPLACE FUNCTION agent_facts(p_agent agents) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', p_agent.id, 'name', p_agent.name, 'client', p_agent.client,
    'person', p_agent.person, 'host', p_agent.host,
    'pid', p_agent.pid, 'worktree', p_agent.worktree, 'branch', p_agent.branch, 'terminal', p_agent.terminal,
    'task', p_agent.current_task, 'prompt', p_agent.last_prompt, 'isMain', coalesce((
      SELECT p.root IN (p_agent.worktree, p_agent.worktree || '/.git', p_agent.worktree || '\.git')
      FROM projects p WHERE p.id = p_agent.project_id), false));
$$;

-- As hold_liveness_lock, without waiting: whether the connection has the lock now.
CREATE OR REPLACE FUNCTION try_hold_liveness_lock(p_agent text) RETURNS boolean
LANGUAGE sql AS $$ SELECT pg_try_advisory_lock(hashtextextended(p_agent, 78)) $$;
