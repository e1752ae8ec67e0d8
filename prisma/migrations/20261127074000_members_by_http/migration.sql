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
