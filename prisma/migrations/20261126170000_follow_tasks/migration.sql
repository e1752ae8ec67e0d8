-- A task that goes on in further sessions of the client, and sub-agents whose telemetry names no request.

-- The sessions of the client in which a task went on after its first one.
CREATE TABLE task_client_sessions (
  client         text NOT NULL,
  client_session text NOT NULL,
  session_id     text NOT NULL,
  PRIMARY KEY (client, client_session, session_id)
);
CREATE INDEX task_client_sessions_session_id_idx ON task_client_sessions (session_id);

-- What a sub-agent's own session names, for telemetry that names no request.
CREATE INDEX usage_entries_subagent_idx ON usage_entries (client, subagent, occurred_at) WHERE subagent IS NOT NULL;
