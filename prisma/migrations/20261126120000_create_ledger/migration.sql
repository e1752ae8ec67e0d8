-- The ledger: one row for each model request, roll-ups of them, and how far each transcript was read.
--
--   usage_entries                 the best evidence of each request
--   usage_keys, usage_calls       by what a request is found: its ids; the tool calls of its answer
--   usage_witnesses               what each witness said, where more than one spoke of a request
--   usage_changes                 signed differences that triggers append at every change of an entry: the tail
--   usage_rollups, usage_totals   sums of what was taken from the tail
--   transcript_files              the reader's position in each file
--
-- Sum of the roll-ups + sum of the tail = sum of the entries, in every snapshot: docs/decisions/ledger-rollups.md.
-- There are no foreign keys: entries outlive agents, tasks and projects, and a check would write into the row it names.

CREATE TYPE usage_grade AS ENUM ('measured', 'transcript', 'partial', 'reported');
CREATE TYPE usage_witness AS ENUM ('telemetry', 'transcript', 'report');
CREATE TYPE usage_link AS ENUM ('call', 'session', 'time');
CREATE TYPE usage_dimension AS ENUM ('all', 'agent', 'task', 'session', 'model', 'client');
CREATE TYPE usage_period AS ENUM ('ever', 'month', 'day', 'elapsed');

CREATE TABLE usage_entries (
  id                    bigserial PRIMARY KEY,
  client                text NOT NULL,
  keys                  text[] NOT NULL,
  tool_use_ids          text[] NOT NULL DEFAULT '{}',
  client_session        text,
  subagent              text,
  parent_client_session text,
  is_sidechain          boolean NOT NULL DEFAULT false,
  session_born_at       timestamptz,
  occurred_at           timestamptz NOT NULL,
  client_version        text,
  cwd                   text,
  worktree              text,
  branch                text,
  cwd_project_id        text NOT NULL DEFAULT '',
  project_id            text NOT NULL DEFAULT '',
  agent_id              text,
  session_id            text,
  linked_by             usage_link,
  witnesses             usage_witness[] NOT NULL,
  grade                 usage_grade NOT NULL,
  is_finished           boolean NOT NULL DEFAULT true,
  is_replay             boolean NOT NULL DEFAULT false,
  revision              bigint NOT NULL DEFAULT 0,
  is_cache_split_known  boolean NOT NULL DEFAULT true,
  model                 text,
  provider              text,
  input_tokens          bigint NOT NULL DEFAULT 0,
  output_tokens         bigint NOT NULL DEFAULT 0,
  reasoning_tokens      bigint NOT NULL DEFAULT 0,
  cache_read_tokens     bigint NOT NULL DEFAULT 0,
  cache_write_5m_tokens bigint NOT NULL DEFAULT 0,
  cache_write_1h_tokens bigint NOT NULL DEFAULT 0,
  iterations            jsonb,
  web_searches          integer NOT NULL DEFAULT 0,
  service_tier          text,
  speed                 text,
  inference_geo         text,
  client_cost           text,
  cost_usd              numeric(30,12),
  price_version         text,
  unpriced_reason       text,
  counts                boolean NOT NULL DEFAULT true,
  replaced_by           bigint,
  recorded_at           timestamptz NOT NULL DEFAULT now(),
  updated_at            timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX usage_entries_client_client_session_occurred_at_idx ON usage_entries (client, client_session, occurred_at);
CREATE INDEX usage_entries_project_id_occurred_at_idx ON usage_entries (project_id, occurred_at);
-- The evidence of a task; that of an agent outside its tasks; the reports of both.
CREATE INDEX usage_entries_task_idx ON usage_entries (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX usage_entries_taskless_idx ON usage_entries (agent_id) WHERE agent_id IS NOT NULL AND session_id IS NULL;
CREATE INDEX usage_entries_reported_idx ON usage_entries (agent_id, session_id) WHERE grade = 'reported';

CREATE TABLE usage_keys (
  client   text NOT NULL,
  key      text NOT NULL,
  entry_id bigint NOT NULL,
  PRIMARY KEY (client, key)
);

CREATE TABLE usage_calls (
  client   text NOT NULL,
  call_id  text NOT NULL,
  entry_id bigint NOT NULL,
  PRIMARY KEY (client, call_id, entry_id)
);

CREATE TABLE usage_witnesses (
  entry_id bigint NOT NULL,
  witness  usage_witness NOT NULL,
  evidence jsonb NOT NULL,
  PRIMARY KEY (entry_id, witness)
);

CREATE TABLE usage_changes (
  id                    bigserial PRIMARY KEY,
  bucket                timestamptz NOT NULL,
  project_id            text NOT NULL,
  agent_id              text NOT NULL,
  session_id            text NOT NULL,
  client                text NOT NULL,
  client_session        text NOT NULL,
  model                 text NOT NULL,
  grade                 usage_grade NOT NULL,
  requests              bigint NOT NULL,
  unpriced              bigint NOT NULL,
  input_tokens          bigint NOT NULL,
  output_tokens         bigint NOT NULL,
  reasoning_tokens      bigint NOT NULL,
  cache_read_tokens     bigint NOT NULL,
  cache_write_5m_tokens bigint NOT NULL,
  cache_write_1h_tokens bigint NOT NULL,
  web_searches          bigint NOT NULL,
  cost_usd              numeric(30,12) NOT NULL
);
CREATE INDEX usage_changes_project_id_idx ON usage_changes (project_id);

CREATE TABLE usage_rollups (
  project_id            text NOT NULL,
  bucket                timestamptz NOT NULL,
  agent_id              text NOT NULL,
  session_id            text NOT NULL,
  client                text NOT NULL,
  client_session        text NOT NULL,
  model                 text NOT NULL,
  grade                 usage_grade NOT NULL,
  requests              bigint NOT NULL,
  unpriced              bigint NOT NULL,
  input_tokens          bigint NOT NULL,
  output_tokens         bigint NOT NULL,
  reasoning_tokens      bigint NOT NULL,
  cache_read_tokens     bigint NOT NULL,
  cache_write_5m_tokens bigint NOT NULL,
  cache_write_1h_tokens bigint NOT NULL,
  web_searches          bigint NOT NULL,
  cost_usd              numeric(30,12) NOT NULL,
  PRIMARY KEY (project_id, bucket, agent_id, session_id, client, client_session, model, grade)
);
CREATE INDEX usage_rollups_bucket_idx ON usage_rollups (bucket);
CREATE INDEX usage_rollups_task_idx ON usage_rollups (session_id, bucket) WHERE session_id <> '';
CREATE INDEX usage_rollups_agent_idx ON usage_rollups (agent_id, bucket) WHERE agent_id <> '';

CREATE TABLE usage_totals (
  project_id            text NOT NULL,
  dimension             usage_dimension NOT NULL,
  period                usage_period NOT NULL,
  bucket                timestamptz NOT NULL,
  key                   text NOT NULL,
  grade                 usage_grade NOT NULL,
  requests              bigint NOT NULL,
  unpriced              bigint NOT NULL,
  input_tokens          bigint NOT NULL,
  output_tokens         bigint NOT NULL,
  reasoning_tokens      bigint NOT NULL,
  cache_read_tokens     bigint NOT NULL,
  cache_write_5m_tokens bigint NOT NULL,
  cache_write_1h_tokens bigint NOT NULL,
  web_searches          bigint NOT NULL,
  cost_usd              numeric(30,12) NOT NULL,
  PRIMARY KEY (project_id, dimension, period, bucket, key, grade)
);
CREATE INDEX usage_totals_dimension_period_bucket_idx ON usage_totals (dimension, period, bucket);

CREATE TABLE transcript_files (
  host          text NOT NULL,
  client        text NOT NULL,
  path          text NOT NULL,
  state         jsonb,
  claim         text,
  claimed_until timestamptz,
  read_at       timestamptz,
  PRIMARY KEY (host, client, path)
);

ALTER TABLE sessions
  ADD COLUMN client text,
  ADD COLUMN client_session text,
  ADD COLUMN start_call_id text,
  ADD COLUMN end_call_id text;
CREATE INDEX sessions_client_client_session_idx ON sessions (client, client_session) WHERE client_session IS NOT NULL;
CREATE INDEX sessions_client_started_at_idx ON sessions (client, started_at) WHERE client_session IS NULL;
CREATE INDEX sessions_start_call_id_idx ON sessions (start_call_id) WHERE start_call_id IS NOT NULL;
CREATE INDEX sessions_end_call_id_idx ON sessions (end_call_id) WHERE end_call_id IS NOT NULL;

-- The agent of a client's session, in whatever project.
CREATE INDEX agents_of_client_session_idx ON agents (client_session, connected_at) WHERE client_session IS NOT NULL;

CREATE INDEX activities_project_id_created_at_idx ON activities (project_id, created_at DESC);

-- Appends to usage_changes what a statement changed in usage_entries, summed by the roll-ups' dimensions. Entries that do
-- not count contribute nothing. The argument names the statement's rows, as the columns of usage_entries and a sign.
CREATE FUNCTION append_usage_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format($sql$
    INSERT INTO usage_changes (
      bucket, project_id, agent_id, session_id, client, client_session, model, grade, requests, unpriced, input_tokens,
      output_tokens, reasoning_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, web_searches,
      cost_usd)
    SELECT * FROM (
      SELECT
        date_bin('15 minutes', occurred_at, 'epoch'), project_id, coalesce(agent_id, ''),
        coalesce(session_id, ''), client, coalesce(client_session, ''), coalesce(model, ''), grade,
        sum(sign) AS requests, sum(sign * (cost_usd IS NULL)::integer) AS unpriced, sum(sign * input_tokens) AS input,
        sum(sign * output_tokens) AS output, sum(sign * reasoning_tokens) AS reasoning,
        sum(sign * cache_read_tokens) AS read, sum(sign * cache_write_5m_tokens) AS write_5m,
        sum(sign * cache_write_1h_tokens) AS write_1h, sum(sign * web_searches) AS searches,
        coalesce(sum(sign * cost_usd), 0) AS cost
      FROM (%s) e WHERE counts GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ) d
    WHERE (requests, unpriced, input, output, reasoning, read, write_5m, write_1h, searches, cost)
      <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)$sql$, TG_ARGV[0]);
  RETURN NULL;
END $$;

CREATE TRIGGER usage_entries_inserted AFTER INSERT ON usage_entries
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION append_usage_changes('SELECT 1 AS sign, * FROM new_rows');
CREATE TRIGGER usage_entries_updated AFTER UPDATE ON usage_entries
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION append_usage_changes(
    'SELECT 1 AS sign, * FROM new_rows UNION ALL SELECT -1, * FROM old_rows');
CREATE TRIGGER usage_entries_deleted AFTER DELETE ON usage_entries
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION append_usage_changes('SELECT -1 AS sign, * FROM old_rows');

-- == Functions and views, as in prisma/functions

-- Until the end of the transaction nobody else writes entries of the ledger.
CREATE OR REPLACE FUNCTION lock_usage() RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(hashtextextended('usage', 80)) $$;

-- Until the end of the transaction nobody else writes entries of this client; the empty name is that of no known client.
CREATE OR REPLACE FUNCTION lock_usage_client(p_client text) RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(hashtextextended(p_client, 81)) $$;

-- Until the end of the transaction nobody else corrects roll-ups or moves changes into them.
CREATE OR REPLACE FUNCTION lock_usage_rollups() RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(hashtextextended('usage roll-ups', 82)) $$;

-- Waits for whoever changes all entries of the ledger. Taken by all that writes entries, to the end of the transaction,
-- before lock_usage_client.
CREATE OR REPLACE FUNCTION share_usage_lock() RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock_shared(hashtextextended('usage', 80)) $$;

-- Whether this transaction is the one that moves changes into roll-ups: one worker at a time does, the others pass.
CREATE OR REPLACE FUNCTION try_lock_usage_rollups() RETURNS boolean
LANGUAGE sql AS $$ SELECT pg_try_advisory_xact_lock(hashtextextended('usage roll-ups', 82)) $$;
