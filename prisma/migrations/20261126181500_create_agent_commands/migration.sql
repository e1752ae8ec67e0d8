-- What agents are doing through their clients' tools now and did lately: who else may have changed a file, and whether a
-- command is an agent's or a person's. Not logged: what is lost in a crash had ended with its processes.

CREATE UNLOGGED TABLE agent_commands (
  id         bigserial PRIMARY KEY,
  project_id text NOT NULL,
  worktree   text NOT NULL,
  agent_id   text,
  call_key   text NOT NULL,
  is_edit    boolean NOT NULL,
  host       text NOT NULL,
  client_pid integer,
  command    text NOT NULL,
  changed    text[],
  survivors  text[],
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at   timestamptz
);
CREATE INDEX agent_commands_project_id_started_at_idx ON agent_commands (project_id, started_at);
CREATE INDEX agent_commands_host_client_pid_idx ON agent_commands (host, client_pid);
CREATE INDEX agent_commands_agent_id_idx ON agent_commands (agent_id);

-- Commits that the guard let pass, by the tree that git was about to commit: pushing them is not checked again.
CREATE TABLE guarded_commits (
  project_id text NOT NULL,
  tree       text NOT NULL,
  agent_id   text,
  passed_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, tree)
);

-- A holder is told that a person committed or pushed what it holds.
ALTER TYPE notice_kind ADD VALUE IF NOT EXISTS 'guard_override';
