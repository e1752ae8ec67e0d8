-- The first release: everything that 0.1.0 needs, in sections. What each table is for, and the lifecycle of its rows, is
-- said in prisma/schema.prisma; prisma/schema.sql shows what all migrations together make.
-- Every time is the database's clock. What is said to the planner has names, (hint: …), explained in docs/planner-hints.md.
-- A database of an earlier development version is brought here by prisma/baseline.

-- == Extensions

CREATE EXTENSION IF NOT EXISTS vector;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- == Types: the sets of words, which schema.prisma knows too, and the request for locks

CREATE TYPE agent_status AS ENUM ('active', 'disconnected');
CREATE TYPE liveness AS ENUM ('alive', 'suspected', 'dead');
CREATE TYPE memory_kind AS ENUM ('stash', 'insight', 'decision');
CREATE TYPE session_status AS ENUM ('active', 'completed', 'abandoned');
CREATE TYPE lock_mode AS ENUM ('exclusive', 'shared');
CREATE TYPE lock_origin AS ENUM ('tool', 'hook');
CREATE TYPE lock_end_reason AS ENUM ('released', 'expired', 'disconnected', 'forced');
CREATE TYPE notice_kind AS ENUM ('announcement', 'lock_lost', 'lock_expiring', 'shell_write');

-- What acquire_locks is asked for, whole: what ends a lock grants the request of the next in the queue.
CREATE TYPE lock_request AS (
  project_id       text,
  agent_id         text,
  session_id       text,
  -- Opens the session with this task when everything is granted; null for a request of locks alone.
  task             text,
  -- The requested patterns, an element of each array for one; lock_ids are ids for new locks.
  lock_ids         text[],
  patterns         text[],
  keys             text[],
  literal_prefixes text[],
  globs            boolean[],
  -- Lookup keys (project and literal prefix) at which a lock could overlap: those of the literals and of every folder
  -- above a pattern.
  ancestor_keys    text[],
  -- Lookup keys of the globs: whatever lies below them could overlap.
  prefixes         text[],
  mode             lock_mode,
  life_seconds     integer,
  origin           lock_origin
);

-- == Projects and agents

CREATE TABLE projects (
  id            text PRIMARY KEY,
  root          text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  passage_count integer NOT NULL DEFAULT 0,
  lexeme_total  bigint NOT NULL DEFAULT 0,
  statistics_at timestamptz
);

CREATE TABLE agents (
  id                text PRIMARY KEY,
  project_id        text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  name              text NOT NULL,
  client_version    text,
  host              text,
  pid               integer,
  worktree          text,
  status            agent_status NOT NULL DEFAULT 'active',
  current_task      text,
  connected_at      timestamptz NOT NULL DEFAULT now(),
  last_seen_at      timestamptz NOT NULL DEFAULT now(),
  disconnected_at   timestamptz,
  metadata          jsonb NOT NULL DEFAULT '{}',
  has_liveness_lock boolean NOT NULL DEFAULT false,
  suspected_at      timestamptz,
  client_session    text
);
CREATE INDEX agents_project_id_status_idx ON agents (project_id, status);
-- Connected agents among all that ever were: for sweeps, and for hooks that look for their agent.
CREATE INDEX agents_present_idx ON agents (host) WHERE status <> 'disconnected';
CREATE INDEX agents_client_session_idx ON agents (project_id, client_session) WHERE client_session IS NOT NULL;

-- == Memory: stashes, insights, decisions, and the passages that they are searched by

CREATE TABLE stashes (
  id            text PRIMARY KEY,
  project_id    text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  name          text NOT NULL,
  version       integer NOT NULL,
  summary       text NOT NULL,
  files         text[] NOT NULL DEFAULT '{}',
  metadata      jsonb NOT NULL DEFAULT '{}',
  created_by    text REFERENCES agents(id) ON DELETE SET NULL,
  session_id    text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  expires_at    timestamptz,
  superseded_by text,
  superseded_at timestamptz,
  forgotten_at  timestamptz,
  forgotten_by  text,
  forget_reason text
);
CREATE UNIQUE INDEX stashes_project_id_name_version_key ON stashes (project_id, name, version);
-- At most one live version of a name, whatever runs at the same time.
CREATE UNIQUE INDEX stashes_live_name_key ON stashes (project_id, name) WHERE superseded_by IS NULL AND forgotten_at IS NULL;
CREATE INDEX stashes_project_id_created_at_idx ON stashes (project_id, created_at DESC);
CREATE INDEX stashes_name_trgm_idx ON stashes USING gin (project_id, lower(name) gin_trgm_ops);

CREATE TABLE insights (
  id            text PRIMARY KEY,
  project_id    text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  key           text,
  version       integer NOT NULL,
  content       text NOT NULL,
  tags          text[] NOT NULL DEFAULT '{}',
  created_by    text REFERENCES agents(id) ON DELETE SET NULL,
  session_id    text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  superseded_by text,
  superseded_at timestamptz,
  forgotten_at  timestamptz,
  forgotten_by  text,
  forget_reason text
);
CREATE UNIQUE INDEX insights_project_id_key_version_key ON insights (project_id, key, version);
CREATE UNIQUE INDEX insights_live_key_key ON insights (project_id, key) WHERE superseded_by IS NULL AND forgotten_at IS NULL;
CREATE INDEX insights_project_id_created_at_idx ON insights (project_id, created_at DESC);
CREATE INDEX insights_key_trgm_idx ON insights USING gin (project_id, lower(key) gin_trgm_ops);

CREATE TABLE decisions (
  id            text PRIMARY KEY,
  project_id    text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  topic         text NOT NULL,
  decision      text NOT NULL,
  reasoning     text,
  version       integer NOT NULL DEFAULT 1,
  created_by    text REFERENCES agents(id) ON DELETE SET NULL,
  session_id    text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  superseded_by text,
  superseded_at timestamptz,
  forgotten_at  timestamptz,
  forgotten_by  text,
  forget_reason text
);
-- (hint: hidden column.)
CREATE INDEX decisions_project_id_topic_idx ON decisions ((project_id || ''), lower(topic), created_at DESC);
CREATE INDEX decisions_project_id_created_at_idx ON decisions (project_id, created_at DESC);
CREATE INDEX decisions_topic_trgm_idx ON decisions USING gin (project_id, lower(topic) gin_trgm_ops);

CREATE TABLE passages (
  id              bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  project_id      text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  owner_kind      memory_kind NOT NULL,
  owner_id        text NOT NULL,
  start_offset    integer NOT NULL,
  end_offset      integer NOT NULL,
  content_hash    bytea NOT NULL,
  tsv             tsvector,
  lexeme_count    integer NOT NULL DEFAULT 0,
  embedding       vector(384),
  embedding_model text,
  embedded_at     timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz
);
-- Vectors stay in the row (an exact scan reads a project's vectors one after the other), so lexemes move out of it.
ALTER TABLE passages ALTER COLUMN embedding SET STORAGE PLAIN;
-- No plan depends on their statistics, and to sample 30,000 rows of them takes longer than all other columns.
ALTER TABLE passages ALTER COLUMN embedding SET STATISTICS 0;
ALTER TABLE passages ALTER COLUMN tsv SET STATISTICS 0;
ALTER TABLE passages ALTER COLUMN content_hash SET STATISTICS 0;
CREATE UNIQUE INDEX passages_owner_key ON passages (owner_kind, owner_id, start_offset, end_offset);
CREATE INDEX passages_project_id_owner_kind_idx ON passages (project_id, owner_kind);
CREATE INDEX passages_pending_idx ON passages (created_at) WHERE embedded_at IS NULL;
-- The maintenance job looks for expired passages every minute: few have an end, so the index is small.
CREATE INDEX passages_expires_at_idx ON passages (expires_at) WHERE expires_at IS NOT NULL;
-- Partial, since a vector passage has no lexemes; `tsv @@ …` implies the condition. New lexemes wait in a list that every
-- search by words reads whole: the embedding workers keep it short (src/memory/passages/embed-passages.ts), and so does
-- a writer that finds it longer than this (KB). (hint: hidden column.)
CREATE INDEX passages_tsv_gin ON passages USING gin ((project_id || ''), tsv) WITH (gin_pending_list_limit = 64)
  WHERE tsv IS NOT NULL;
CREATE INDEX passages_embedding_hnsw ON passages USING hnsw ((embedding::halfvec(384)) halfvec_cosine_ops);

-- What is missing here is rare, and counted by each search.
CREATE TABLE lexeme_stats (
  project_id text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  lexeme     text NOT NULL,
  passages   integer NOT NULL,
  PRIMARY KEY (project_id, lexeme)
);

-- == Coordination: sessions, locks, their queue, announcements, notices, writes of files

CREATE TABLE sessions (
  id             text PRIMARY KEY,
  project_id     text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  agent_id       text NOT NULL REFERENCES agents(id) ON DELETE CASCADE,
  parent_id      text REFERENCES sessions(id) ON DELETE SET NULL,
  subagent       text,
  task           text NOT NULL,
  status         session_status NOT NULL DEFAULT 'active',
  summary        text,
  tokens_in      bigint,
  tokens_out     bigint,
  model          text,
  cost_usd       numeric(14, 6),
  started_at     timestamptz NOT NULL DEFAULT now(),
  last_active_at timestamptz NOT NULL DEFAULT now(),
  ended_at       timestamptz
);
CREATE INDEX sessions_project_id_started_at_idx ON sessions (project_id, started_at DESC);
CREATE INDEX sessions_active_idx ON sessions (agent_id) WHERE status = 'active';

-- Fencing tokens. They rise within a project, since they are drawn under the project's lock.
CREATE SEQUENCE lock_tokens;

-- No foreign keys here, in lock_waiters and in activities: to check one is to lock the row that it points to, so each
-- grant would write into its project's and its agent's row.
CREATE TABLE locks (
  id             text PRIMARY KEY,
  project_id     text NOT NULL,
  agent_id       text NOT NULL,
  session_id     text,
  pattern        text NOT NULL,
  key            text NOT NULL,
  literal_prefix text NOT NULL,
  is_glob        boolean NOT NULL,
  mode           lock_mode NOT NULL,
  origin         lock_origin NOT NULL DEFAULT 'tool',
  token          bigint NOT NULL,
  life_seconds   integer NOT NULL,
  acquired_at    timestamptz NOT NULL,
  expires_at     timestamptz NOT NULL,
  warned_at      timestamptz,
  ended_at       timestamptz,
  end_reason     lock_end_reason
);
-- Second line of defence: whatever the code does, no path has two exclusive holders.
CREATE UNIQUE INDEX locks_live_path_key ON locks (project_id, key)
  WHERE ended_at IS NULL AND NOT is_glob AND mode = 'exclusive';
-- (hint: own condition.)
CREATE INDEX locks_live_expires_at_idx ON locks (project_id, expires_at) WHERE ended_at IS NULL AND expires_at IS NOT NULL;
-- The lookup key, project and literal prefix in one, by bytes: a list of keys is a list of searches in this index, and a
-- folder's contents are one range of it. Read through the view live_locks_by_key.
CREATE INDEX locks_live_lookup_idx ON locks ((project_id || '/' || literal_prefix) COLLATE "C")
  WHERE ended_at IS NULL AND literal_prefix IS NOT NULL;
CREATE INDEX locks_live_agent_idx ON locks (agent_id) WHERE ended_at IS NULL AND agent_id IS NOT NULL;
CREATE INDEX locks_ended_agent_idx ON locks (agent_id) WHERE ended_at IS NOT NULL;

-- Not logged: after a crash those who still wait queue again, and a wait costs no write to the disk.
CREATE UNLOGGED TABLE lock_waiters (
  id          bigserial PRIMARY KEY,
  project_id  text NOT NULL,
  agent_id    text NOT NULL,
  owner       text NOT NULL,
  request     lock_request NOT NULL,
  free        text[] NOT NULL,
  overlapping text[] NOT NULL,
  waits_for   text[] NOT NULL,
  queued_at   timestamptz NOT NULL,
  alive_until timestamptz NOT NULL
);
CREATE INDEX lock_waiters_project_id_id_idx ON lock_waiters (project_id, id);

CREATE TABLE announcements (
  id         text PRIMARY KEY,
  project_id text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  agent_id   text REFERENCES agents(id) ON DELETE SET NULL,
  session_id text,
  message    text NOT NULL,
  files      text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX announcements_project_id_created_at_idx ON announcements (project_id, created_at DESC);

CREATE TABLE notices (
  id         bigserial PRIMARY KEY,
  project_id text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  agent_id   text NOT NULL REFERENCES agents(id) ON DELETE CASCADE,
  kind       notice_kind NOT NULL,
  facts      jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX notices_agent_id_id_idx ON notices (agent_id, id);

CREATE TABLE file_writes (
  project_id   text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  worktree     text NOT NULL,
  path         text NOT NULL,
  agent_id     text NOT NULL,
  content_hash text NOT NULL,
  written_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, worktree, path)
);

-- == Accountability: what happened

CREATE TABLE activities (
  id         bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  project_id text NOT NULL,
  agent_id   text,
  session_id text,
  -- Not an enum: every feature adds its own, and history keeps types that no code writes any more.
  type       text NOT NULL,
  subject    text NOT NULL,
  metadata   jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX activities_project_id_id_idx ON activities (project_id, id DESC);
CREATE INDEX activities_project_id_agent_id_idx ON activities (project_id, agent_id, id DESC);
CREATE INDEX activities_project_id_type_idx ON activities (project_id, type, id DESC);

-- == Functions and views, as in prisma/functions

-- What blocks a request, as people ask about it: locks by their id, positions in the queue by w and theirs.
CREATE OR REPLACE FUNCTION describe_conflicts(p_project text, p_blocking text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT coalesce(jsonb_agg(c ORDER BY c.since), '[]') FROM (
    SELECT l.id, ARRAY[l.key] AS keys, ARRAY[l.is_glob] AS globs, ARRAY[l.pattern] AS patterns, l.mode,
           l.agent_id AS agent, l.session_id AS session, a.name, coalesce(s.task, a.current_task) AS task,
           l.acquired_at AS since, l.expires_at AS expires, greatest(s.last_active_at, a.last_seen_at) AS active,
           a.suspected_at IS NOT NULL AS suspected, false AS queued
    FROM locks l JOIN agents a ON a.id = l.agent_id LEFT JOIN sessions s ON s.id = l.session_id
    WHERE l.id = ANY(p_blocking)
    UNION ALL
    SELECT 'w' || w.id, (w.request).keys, (w.request).globs, (w.request).patterns, (w.request).mode, w.agent_id,
           (w.request).session_id, a.name, coalesce(s.task, a.current_task), w.queued_at, w.alive_until,
           greatest(s.last_active_at, a.last_seen_at), a.suspected_at IS NOT NULL, true
    FROM lock_waiters w JOIN agents a ON a.id = w.agent_id LEFT JOIN sessions s ON s.id = (w.request).session_id
    WHERE w.project_id = p_project AND 'w' || w.id = ANY(p_blocking)
  ) c);
END $$;

-- What a caller needs to compare locks (by id) and positions in the queue (w and their id) with its request.
CREATE OR REPLACE FUNCTION describe_undecided(p_project text, p_undecided text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT jsonb_agg(u) FROM (
    SELECT id, ARRAY[key] AS keys, ARRAY[is_glob] AS globs FROM locks WHERE id = ANY(p_undecided)
    UNION ALL
    SELECT 'w' || id, (request).keys, (request).globs FROM lock_waiters
    WHERE project_id = p_project AND 'w' || id = ANY(p_undecided)
  ) u);
END $$;

-- Whether no process holds an agent's liveness lock. Leaves only a shared lock until the end of the transaction.
CREATE OR REPLACE FUNCTION is_liveness_lock_free(p_agent text) RETURNS boolean
LANGUAGE sql AS $$ SELECT pg_try_advisory_xact_lock_shared(hashtextextended(p_agent, 78)) $$;

-- Whether the process of an agent lives. Dead: the agent was ended, or nobody holds its liveness lock, which was first
-- seen free at least a second ago (a front whose connection broke takes it again within that). Suspected: free, but not
-- for long enough, or the database itself has started in the last ten seconds, when all fronts are on their way back.
-- An agent without a liveness lock counts as alive; what ends it is its silence.
CREATE OR REPLACE FUNCTION agent_liveness(p_agent text) RETURNS liveness
LANGUAGE plpgsql AS $$
DECLARE
  v_agent agents;
BEGIN
  SELECT * INTO v_agent FROM agents WHERE id = p_agent;
  IF v_agent.id IS NULL OR v_agent.status = 'disconnected' THEN RETURN 'dead'; END IF;
  IF NOT v_agent.has_liveness_lock THEN RETURN 'alive'; END IF;
  IF NOT is_liveness_lock_free(p_agent) THEN
    IF v_agent.suspected_at IS NOT NULL THEN UPDATE agents SET suspected_at = NULL WHERE id = p_agent; END IF;
    RETURN 'alive';
  END IF;
  IF v_agent.suspected_at IS NULL THEN
    UPDATE agents SET suspected_at = clock_timestamp() WHERE id = p_agent;
    RETURN 'suspected';
  END IF;
  IF v_agent.suspected_at > clock_timestamp() - interval '1 second'
     OR pg_postmaster_start_time() > clock_timestamp() - interval '10 seconds' THEN RETURN 'suspected'; END IF;
  RETURN 'dead';
END $$;

-- What the caller's comparisons say of locks (by id) and positions in the queue (w and their id) that may overlap with
-- its request.
--   undecided  not compared yet; null when all are
--   blocking   those that overlap; owners: theirs; holders: the agents of the locks among them
CREATE OR REPLACE FUNCTION decide_candidates(
  p_project text, p_candidates text[], p_free text[], p_overlapping text[],
  OUT undecided text[], OUT blocking text[], OUT owners text[], OUT holders text[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
  undecided := nullif(ARRAY(
    SELECT unnest(p_candidates) EXCEPT (SELECT unnest(p_free) UNION ALL SELECT unnest(p_overlapping))), '{}');
  blocking := nullif(ARRAY(SELECT unnest(p_candidates) INTERSECT SELECT unnest(p_overlapping)), '{}');
  IF undecided IS NOT NULL OR blocking IS NULL THEN RETURN; END IF;
  SELECT array_agg(owner), array_agg(agent_id) FILTER (WHERE agent_id IS NOT NULL) INTO owners, holders FROM (
    SELECT coalesce(session_id, agent_id) AS owner, agent_id FROM locks WHERE id = ANY(blocking)
    UNION SELECT owner, NULL FROM lock_waiters WHERE project_id = p_project AND 'w' || id = ANY(blocking)
  ) met;
END $$;

-- Waits for the project's lock, which lasts to the end of the transaction. All that grants or ends locks takes it before
-- it touches a row: two transactions that write the same rows never meet.
CREATE OR REPLACE FUNCTION lock_project(p_project text) RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(hashtextextended(p_project, 77)) $$;

-- Ends a project's locks whose time is up; see close_locks. (hint: index plans.)
CREATE OR REPLACE FUNCTION expire_locks(p_project text) RETURNS SETOF locks
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
  PERFORM lock_project(p_project);
  RETURN QUERY SELECT * FROM close_locks(ARRAY(
    SELECT id FROM locks WHERE project_id = p_project AND ended_at IS NULL AND expires_at <= clock_timestamp()), 'expired');
END $$;

-- Two names of one owner: the same agent, and not two of its sessions that know nothing of each other. A subagent's
-- session and the one it was started from are one owner; two subagents are not.
-- (In PL/pgSQL, which keeps its plan: a function in SQL is planned again by every statement that calls it.)
CREATE OR REPLACE FUNCTION is_same_owner(p_agent text, p_session text, p_other_agent text, p_other_session text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p_agent <> p_other_agent THEN RETURN false; END IF;
  IF p_session IS NULL OR p_other_session IS NULL OR p_session = p_other_session THEN RETURN true; END IF;
  RETURN EXISTS (SELECT 1 FROM sessions s WHERE (s.id = p_session AND s.parent_id = p_other_session)
                                             OR (s.id = p_other_session AND s.parent_id = p_session));
END $$;

-- Owners in the queue that wait for this one, directly or through others.
CREATE OR REPLACE FUNCTION owners_waiting_for(p_project text, p_owner text, p_now timestamptz) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_found text[];
BEGIN
  SELECT array_agg(owner) INTO v_found FROM lock_waiters
  WHERE project_id = p_project AND alive_until > p_now AND p_owner = ANY(waits_for);
  IF v_found IS NULL THEN RETURN '{}'; END IF;
  WITH RECURSIVE waiting AS (
    SELECT unnest(v_found) AS owner
    UNION SELECT w.owner FROM waiting b JOIN lock_waiters w
      ON w.project_id = p_project AND w.alive_until > p_now AND b.owner = ANY(w.waits_for)
  ) SELECT array_agg(owner) INTO v_found FROM waiting;
  RETURN v_found;
END $$;

-- Earlier positions in the queue that ask for something of the same as a request, unless both are shared. Those who
-- queued before come first, except those that wait for this very owner, directly or through others: that would be a cycle.
--   candidates  positions (w and their id) that may overlap: only the caller can compare globs
--   blocking    positions that overlap; owners: theirs
--   holder      the agent of the first: the one that would hold up the others if it were dead
--   behind      owners that wait for this one; null when there was no need to know
CREATE OR REPLACE FUNCTION find_queue_conflicts(
  p_request lock_request, p_waiter bigint, p_now timestamptz,
  OUT candidates text[], OUT blocking text[], OUT owners text[], OUT holder text, OUT behind text[])
LANGUAGE plpgsql AS $$
DECLARE
  v_owner text := coalesce(p_request.session_id, p_request.agent_id);
  v_earlier record;
BEGIN
  FOR v_earlier IN
    SELECT id, agent_id, owner, (request).session_id, (request).keys FROM lock_waiters
    WHERE project_id = p_request.project_id AND alive_until > p_now AND (p_waiter IS NULL OR id < p_waiter)
      AND owner <> v_owner AND (p_request.mode = 'exclusive' OR (request).mode = 'exclusive')
      -- Paths are compared with paths here.
      AND ((request).keys && p_request.keys OR true = ANY((request).globs) OR true = ANY(p_request.globs))
    ORDER BY id
  LOOP
    CONTINUE WHEN v_earlier.agent_id = p_request.agent_id
      AND is_same_owner(p_request.agent_id, p_request.session_id, v_earlier.agent_id, v_earlier.session_id);
    behind := coalesce(behind, owners_waiting_for(p_request.project_id, v_owner, p_now));
    CONTINUE WHEN v_earlier.owner = ANY(behind);
    holder := coalesce(holder, v_earlier.agent_id);
    IF NOT v_earlier.keys && p_request.keys THEN
      candidates := candidates || ('w' || v_earlier.id);
    ELSE
      blocking := blocking || ('w' || v_earlier.id);
      owners := owners || v_earlier.owner;
    END IF;
  END LOOP;
END $$;

-- Locks that have not ended, by their lookup key: project and literal prefix in one, compared by bytes. It is for
-- conditions on lookup_key. (hint: own condition, for the index locks_live_lookup_idx.)
CREATE OR REPLACE VIEW live_locks_by_key AS
  SELECT (project_id || '/' || literal_prefix) COLLATE "C" AS lookup_key, id, agent_id, session_id, key, is_glob, mode, token,
         expires_at
    FROM locks WHERE ended_at IS NULL AND literal_prefix IS NOT NULL;

-- What blocks a request: live locks of other owners and earlier positions in the queue that overlap with
-- it, unless both are shared. First ends the locks whose time is up, so that those who queue for them are granted them
-- before this request is answered. Under the project's lock.
--   seen_at    the clock at which this holds, read under the lock (now() is when the transaction began to wait)
--   is_near    the agent holds a lock near by: what it asks for may be its own already
--   undecided  locks (by id) and positions (w and their id) that only the caller can compare, and has not compared yet
--   blocking   those that overlap; owners: who has to be waited for; holders: their agents, which may be dead
--   behind     owners that wait for this one; null when there was no need to know
--   expired    what was ended: [{id, pattern, agent}]
CREATE OR REPLACE FUNCTION find_lock_conflicts(
  p_request lock_request, p_free text[], p_overlapping text[], p_waiter bigint,
  OUT seen_at timestamptz, OUT is_near boolean, OUT undecided text[], OUT blocking text[],
  OUT owners text[], OUT holders text[], OUT behind text[], OUT expired jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  v_due boolean;
  v_lock record;
  v_queue record;
  v_decided record;
  v_candidates text[];
BEGIN
  LOOP
    seen_at := clock_timestamp();
    is_near := false;
    v_due := false;
    FOR v_lock IN
      SELECT id, agent_id, session_id, key, is_glob, mode, expires_at FROM live_locks_by_key
      WHERE lookup_key = ANY(p_request.ancestor_keys)
      UNION ALL
      SELECT l.* FROM unnest(p_request.prefixes) prefix, LATERAL (
        SELECT id, agent_id, session_id, key, is_glob, mode, expires_at FROM live_locks_by_key
        WHERE lookup_key >= prefix AND lookup_key < prefix || chr(1114111)
          AND NOT lookup_key = ANY(p_request.ancestor_keys)
        OFFSET 0 -- (hint: fence)
      ) l
    LOOP
      v_due := v_lock.expires_at <= seen_at;
      EXIT WHEN v_due;
      IF v_lock.agent_id = p_request.agent_id THEN
        is_near := true;
        CONTINUE WHEN is_same_owner(p_request.agent_id, p_request.session_id, v_lock.agent_id, v_lock.session_id);
      END IF;
      CONTINUE WHEN p_request.mode = 'shared' AND v_lock.mode = 'shared';
      IF v_lock.is_glob OR NOT v_lock.key = ANY(p_request.keys) THEN
        v_candidates := v_candidates || v_lock.id;
      ELSE
        blocking := blocking || v_lock.id;
        owners := owners || coalesce(v_lock.session_id, v_lock.agent_id);
        holders := holders || v_lock.agent_id;
      END IF;
    END LOOP;
    EXIT WHEN NOT v_due;
    SELECT coalesce(expired, '[]')
      || coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'pattern', e.pattern, 'agent', e.agent_id)), '[]')
    INTO expired FROM expire_locks(p_request.project_id) e;
    v_candidates := NULL;
    blocking := NULL;
    owners := NULL;
    holders := NULL;
  END LOOP;

  v_queue := find_queue_conflicts(p_request, p_waiter, seen_at);
  IF v_queue.holder IS NOT NULL THEN
    v_candidates := v_candidates || v_queue.candidates;
    blocking := blocking || v_queue.blocking;
    owners := owners || v_queue.owners;
    holders := holders || v_queue.holder;
  END IF;
  behind := v_queue.behind;
  IF v_candidates IS NOT NULL THEN
    v_decided := decide_candidates(p_request.project_id, v_candidates, p_free, p_overlapping);
    undecided := v_decided.undecided;
    blocking := blocking || v_decided.blocking;
    owners := owners || v_decided.owners;
    holders := holders || v_decided.holders;
  END IF;
END $$;

-- Opens the session of a request with its task.
CREATE OR REPLACE FUNCTION begin_task(p_request lock_request, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sessions (id, project_id, agent_id, task)
  VALUES (p_request.session_id, p_request.project_id, p_request.agent_id, p_request.task);
  UPDATE agents SET current_task = p_request.task, last_seen_at = p_now WHERE id = p_request.agent_id;
  INSERT INTO activities (project_id, agent_id, session_id, type, subject)
  VALUES (p_request.project_id, p_request.agent_id, p_request.session_id, 'task_started', left(p_request.task, 300));
END $$;

-- The live lock of the same owner on the pattern at a position of a request, perhaps held as part of the whole agent: it
-- lives on, under the same token unless it becomes stronger. Null when there is none.
CREATE OR REPLACE FUNCTION renew_lock(p_request lock_request, p_position integer, p_expires_at timestamptz) RETURNS locks
LANGUAGE plpgsql AS $$
DECLARE
  v_lock locks;
  v_id text;
BEGIN
  SELECT l.id INTO v_id FROM live_locks_by_key l
  WHERE l.lookup_key = p_request.project_id || '/' || p_request.literal_prefixes[p_position]
    AND l.key = p_request.keys[p_position] AND l.is_glob = p_request.globs[p_position]
    AND l.agent_id || '' = p_request.agent_id -- (hint: hidden column. The agent may hold thousands.)
    AND is_same_owner(p_request.agent_id, p_request.session_id, l.agent_id, l.session_id)
  ORDER BY l.mode, l.token LIMIT 1;
  IF v_id IS NULL THEN RETURN NULL; END IF;
  UPDATE locks SET
    mode = CASE WHEN p_request.mode = 'exclusive' THEN 'exclusive' ELSE mode END,
    token = CASE WHEN p_request.mode = 'exclusive' AND mode = 'shared' THEN nextval('lock_tokens') ELSE token END,
    session_id = coalesce(session_id, p_request.session_id),
    origin = CASE WHEN p_request.origin = 'tool' THEN 'tool' ELSE origin END,
    life_seconds = p_request.life_seconds, warned_at = NULL, expires_at = greatest(expires_at, p_expires_at)
  WHERE id = v_id RETURNING * INTO v_lock;
  RETURN v_lock;
END $$;

-- Grants a request that nothing blocks, begins its task, and ends its position in the queue: those behind it wait for
-- these locks now. Returns the locks in the order of the request. Under the project's lock.
--   p_is_near  the agent holds a lock near by, perhaps one of these
CREATE OR REPLACE FUNCTION grant_locks(p_request lock_request, p_waiter bigint, p_is_near boolean, p_now timestamptz)
RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  v_life interval := make_interval(secs => p_request.life_seconds);
  v_lock locks;
  v_granted jsonb := '[]';
  v_new text[];
BEGIN
  IF p_request.task IS NOT NULL THEN PERFORM begin_task(p_request, p_now); END IF;
  IF p_waiter IS NOT NULL THEN DELETE FROM lock_waiters WHERE id = p_waiter; END IF;
  FOR i IN 1 .. cardinality(p_request.lock_ids) LOOP
    v_lock := NULL;
    IF p_is_near THEN v_lock := renew_lock(p_request, i, p_now + v_life); END IF;
    IF v_lock.id IS NULL THEN
      INSERT INTO locks (id, project_id, agent_id, session_id, pattern, key, literal_prefix, is_glob, mode, origin, token,
                         life_seconds, acquired_at, expires_at)
      VALUES (p_request.lock_ids[i], p_request.project_id, p_request.agent_id, p_request.session_id, p_request.patterns[i],
              p_request.keys[i], p_request.literal_prefixes[i], p_request.globs[i], p_request.mode, p_request.origin,
              nextval('lock_tokens'), p_request.life_seconds, p_now, p_now + v_life)
      RETURNING * INTO v_lock;
      v_new := v_new || v_lock.pattern;
    END IF;
    v_granted := v_granted || jsonb_build_object('id', v_lock.id, 'pattern', v_lock.pattern, 'mode', v_lock.mode,
      'token', v_lock.token, 'acquired', v_lock.acquired_at, 'expires', v_lock.expires_at);
  END LOOP;
  IF v_new IS NOT NULL THEN
    INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
    VALUES (p_request.project_id, p_request.agent_id, p_request.session_id, 'lock_acquired',
            left(array_to_string(v_new, ', '), 300),
            jsonb_build_object('locks', v_granted, 'mode', p_request.mode, 'origin', p_request.origin));
  END IF;
  RETURN v_granted;
END $$;

-- Grants what a position in the queue asks for, on behalf of its process; null when something still blocks it, or may. Under the project's lock.
CREATE OR REPLACE FUNCTION grant_waiter(p_waiter lock_waiters) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  v_found record;
BEGIN
  v_found := find_lock_conflicts(p_waiter.request, p_waiter.free, p_waiter.overlapping, p_waiter.id);
  IF v_found.undecided IS NOT NULL OR v_found.blocking IS NOT NULL THEN RETURN NULL; END IF;
  RETURN jsonb_build_object('granted', grant_locks(p_waiter.request, p_waiter.id, v_found.is_near, v_found.seen_at),
                            'now', v_found.seen_at, 'expired', coalesce(v_found.expired, '[]'));
END $$;

-- Called when something of this owner's has ended: those who wait for it, and for nobody that queued before, are granted
-- their locks here and told so. A waiter that begins a task, has not asked for a second or may be dead, or has globs to compare,
-- is only told to ask again. Under the project's lock.
CREATE OR REPLACE FUNCTION grant_next(p_project text, p_agent text, p_owner text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_waiter lock_waiters;
  v_earlier text[] := '{}';
  v_granted jsonb;
  v_is_awaited boolean := false;
  v_position bigint;
  v_ids text[];
  v_keys text[];
BEGIN
  FOR v_waiter IN
    SELECT * FROM lock_waiters WHERE project_id = p_project AND alive_until > clock_timestamp() ORDER BY id
  LOOP
    IF v_waiter.owner = p_owner THEN v_position := coalesce(v_position, v_waiter.id); END IF;
    IF p_owner = ANY(v_waiter.waits_for) THEN
      v_is_awaited := true;
      IF NOT v_waiter.waits_for && v_earlier THEN
        v_granted := NULL;
        IF (v_waiter.request).task IS NULL AND v_waiter.alive_until > clock_timestamp() + interval '4 seconds'
           AND agent_liveness(v_waiter.agent_id) = 'alive' THEN
          v_granted := grant_waiter(v_waiter);
        END IF;
        -- What does not fit into a signal (8,000 bytes) is found by asking again: it is held by then.
        PERFORM pg_notify('popstash_' || v_waiter.agent_id, CASE
          WHEN octet_length(v_granted::text) < 7500
          THEN 'granted:' || v_waiter.owner || ':' || v_waiter.id || ':' || v_granted ELSE 'retry:' || v_waiter.owner END);
      END IF;
    END IF;
    v_earlier := v_earlier || v_waiter.owner;
  END LOOP;
  -- Those who are left in the queue no longer wait for this owner, unless it has something else in their way.
  IF v_is_awaited THEN
    SELECT coalesce(array_agg(l.id), '{}'), coalesce(array_agg(l.key), '{}') INTO v_ids, v_keys FROM locks l
    WHERE l.agent_id = p_agent AND l.ended_at IS NULL AND coalesce(l.session_id, l.agent_id) = p_owner;
    UPDATE lock_waiters SET waits_for = array_remove(waits_for, p_owner)
    WHERE project_id = p_project AND p_owner = ANY(waits_for) AND NOT overlapping && v_ids
      AND NOT (request).keys && v_keys AND (v_position IS NULL OR id < v_position);
  END IF;
END $$;

-- Leaves a notice for an agent and tells its process, which alone listens on the agent's channel. The facts of each kind
-- are in src/coordination/notices/notice-types.ts; the words are made where the notice is shown.
CREATE OR REPLACE FUNCTION leave_notice(p_project text, p_agent text, p_kind notice_kind, p_facts jsonb) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO notices (project_id, agent_id, kind, facts) VALUES (p_project, p_agent, p_kind, p_facts);
  SELECT pg_notify('popstash_' || p_agent, 'notice:' || p_agent);
$$;

-- The activity of locks of one owner that have ended, and the notice for a holder that did not let go itself.
CREATE OR REPLACE FUNCTION log_ended_locks(
  p_project text, p_agent text, p_session text, p_patterns text, p_locks jsonb, p_reason lock_end_reason, p_note text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_facts jsonb := jsonb_strip_nulls(jsonb_build_object('reason', p_reason, 'note', p_note, 'locks', p_locks));
BEGIN
  INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
  VALUES (p_project, p_agent, p_session,
    CASE p_reason WHEN 'expired' THEN 'lock_expired' WHEN 'forced' THEN 'lock_forced' ELSE 'lock_released' END,
    left(p_patterns, 300), v_facts);
  IF p_reason IN ('expired', 'forced') THEN PERFORM leave_notice(p_project, p_agent, 'lock_lost', v_facts); END IF;
END $$;

-- Ends live locks: the rows stay as history (a stale holder is known by them), the next in the queue is granted its
-- locks, the holder is told unless it let go itself. Locks that have ended already are passed over. Returns those that
-- were ended. Under the lock of their projects.
CREATE OR REPLACE FUNCTION close_locks(p_ids text[], p_reason lock_end_reason, p_note text DEFAULT NULL) RETURNS SETOF locks
LANGUAGE plpgsql AS $$
DECLARE
  v_lock locks;
  v_ended locks[] := '{}';
  v_group record;
BEGIN
  FOR v_lock IN
    UPDATE locks SET ended_at = clock_timestamp(), end_reason = p_reason
    -- (hint: hidden column. An index of live locks would fit IS NULL, and be read whole.)
    WHERE id = ANY(p_ids) AND coalesce(ended_at, 'infinity') = 'infinity' RETURNING *
  LOOP
    v_ended := v_ended || v_lock;
    RETURN NEXT v_lock;
  END LOOP;
  IF cardinality(v_ended) = 1 THEN
    -- By far the most frequent, and spared the grouping.
    v_lock := v_ended[1];
    PERFORM log_ended_locks(v_lock.project_id, v_lock.agent_id, v_lock.session_id, v_lock.pattern, jsonb_build_array(
      jsonb_build_object('id', v_lock.id, 'pattern', v_lock.pattern, 'token', v_lock.token)), p_reason, p_note);
    IF EXISTS (SELECT 1 FROM lock_waiters WHERE project_id = v_lock.project_id) THEN
      PERFORM grant_next(v_lock.project_id, v_lock.agent_id, coalesce(v_lock.session_id, v_lock.agent_id));
    END IF;
    RETURN;
  END IF;
  FOR v_group IN
    SELECT e.project_id, e.agent_id, e.session_id, string_agg(e.pattern, ', ' ORDER BY e.pattern) AS patterns,
           jsonb_agg(jsonb_build_object('id', e.id, 'pattern', e.pattern, 'token', e.token) ORDER BY e.pattern) AS locks
    FROM unnest(v_ended) e GROUP BY e.project_id, e.agent_id, e.session_id
  LOOP
    PERFORM log_ended_locks(v_group.project_id, v_group.agent_id, v_group.session_id, v_group.patterns, v_group.locks,
                            p_reason, p_note);
  END LOOP;
  -- Only when all have ended: who queues may wait for several of them.
  FOR v_group IN
    SELECT DISTINCT e.project_id, e.agent_id, coalesce(e.session_id, e.agent_id) AS owner
    FROM unnest(v_ended) e WHERE EXISTS (SELECT 1 FROM lock_waiters w WHERE w.project_id = e.project_id)
  LOOP
    PERFORM grant_next(v_group.project_id, v_group.agent_id, v_group.owner);
  END LOOP;
END $$;

-- Ends live locks of any projects; see close_locks. (hint: index plans.)
CREATE OR REPLACE FUNCTION end_locks(p_ids text[], p_reason lock_end_reason, p_note text DEFAULT NULL) RETURNS SETOF locks
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  v_project text;
BEGIN
  FOR v_project IN
    SELECT DISTINCT project_id FROM locks
    WHERE id = ANY(p_ids) AND coalesce(ended_at, 'infinity') = 'infinity' ORDER BY 1 -- (hint: hidden column)
  LOOP
    PERFORM lock_project(v_project);
  END LOOP;
  RETURN QUERY SELECT * FROM close_locks(p_ids, p_reason, p_note);
END $$;

-- Gives up a position in the queue, for any reason but a grant: those behind it may move up. When it is gone because
-- its locks were granted meanwhile, those (p_locks, the ids it asked with) are released. (hint: index plans.)
CREATE OR REPLACE FUNCTION leave_queue(p_waiter bigint, p_locks text[]) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  v_left lock_waiters;
BEGIN
  PERFORM lock_project(project_id) FROM lock_waiters WHERE id = p_waiter;
  DELETE FROM lock_waiters WHERE id = p_waiter RETURNING * INTO v_left;
  IF v_left.id IS NOT NULL THEN
    PERFORM grant_next(v_left.project_id, v_left.agent_id, v_left.owner);
  ELSIF p_locks <> '{}' THEN
    PERFORM end_locks(p_locks, 'released');
  END IF;
END $$;

-- Ends an agent: its locks are free, its sessions abandoned, its positions in queues given up. Returns what ended with
-- it; null when it had ended before. (hint: index plans.)
CREATE OR REPLACE FUNCTION disconnect_agent(p_agent text, p_reason text) RETURNS jsonb
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  v_agent agents;
  v_locks jsonb;
  v_sessions jsonb;
BEGIN
  PERFORM lock_project(project_id) FROM agents WHERE id = p_agent AND status <> 'disconnected';
  UPDATE agents SET status = 'disconnected', disconnected_at = now(), current_task = NULL, suspected_at = NULL
  WHERE id = p_agent AND status <> 'disconnected' RETURNING * INTO v_agent;
  IF v_agent.id IS NULL THEN RETURN NULL; END IF;
  -- Its positions first: the end of its own locks is not to grant it anything.
  PERFORM leave_queue(id, '{}') FROM lock_waiters WHERE project_id = v_agent.project_id AND agent_id = p_agent;
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
  VALUES (v_agent.project_id, p_agent, 'agent_disconnected', v_agent.name, jsonb_build_object('reason', p_reason));
  RETURN jsonb_build_object('agent', p_agent, 'project', v_agent.project_id, 'locks', v_locks, 'sessions', v_sessions);
END $$;

-- Ends those of these agents whose process is dead. Whether there were any: then their locks are free.
CREATE OR REPLACE FUNCTION end_dead_agents(p_agents text[]) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  v_agent text;
  v_ended boolean := false;
BEGIN
  FOR v_agent IN SELECT DISTINCT unnest(p_agents) LOOP
    IF agent_liveness(v_agent) = 'dead' AND disconnect_agent(v_agent, 'process_gone') IS NOT NULL THEN v_ended := true; END IF;
  END LOOP;
  RETURN v_ended;
END $$;

-- Keeps a position in the queue, or takes one at its end when the request has none (any more): it is kept by asking
-- again within five seconds. Returns its id.
CREATE OR REPLACE FUNCTION keep_queue_position(
  p_request lock_request, p_free text[], p_overlapping text[], p_waiter bigint, p_owners text[], p_now timestamptz
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  v_owners text[] := ARRAY(SELECT DISTINCT unnest(p_owners));
  v_waiter bigint;
BEGIN
  IF p_waiter IS NOT NULL THEN
    UPDATE lock_waiters SET waits_for = v_owners, alive_until = p_now + interval '5 seconds', free = p_free,
      overlapping = p_overlapping WHERE id = p_waiter RETURNING id INTO v_waiter;
  END IF;
  IF v_waiter IS NULL THEN
    INSERT INTO lock_waiters (project_id, agent_id, owner, request, free, overlapping, waits_for, queued_at, alive_until)
    VALUES (p_request.project_id, p_request.agent_id, coalesce(p_request.session_id, p_request.agent_id), p_request, p_free,
      p_overlapping, v_owners, p_now, p_now + interval '5 seconds')
    RETURNING id INTO v_waiter;
  END IF;
  RETURN v_waiter;
END $$;

-- Locks all patterns of a request for its session (or, without one, its agent), or none.
--   p_free, p_overlapping  locks (by id) and positions in the queue (w and their id) that the caller has compared before
--   p_waiter               the request's position in the queue; with p_wait, conflicts make it take or keep one
--   p_describe             whether conflicts are described or only counted as such
-- Returns one of {granted, expired}, {undecided: [{id, keys, globs}]}, {conflicts, waiter | cycle}, {disconnected};
-- nothing is changed in the last three but the position in the queue and what has expired anyway.
-- (hint: index plans.)
CREATE OR REPLACE FUNCTION acquire_locks(
  p_request lock_request, p_free text[], p_overlapping text[], p_waiter bigint, p_wait boolean, p_describe boolean
) RETURNS jsonb
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  v_connected boolean;
  v_is_alone boolean;
  v_now timestamptz;
  v_found record;
  v_expired jsonb := '[]';
  v_waiter bigint;
  v_cycle boolean := false;
BEGIN
  PERFORM lock_project(p_request.project_id);
  LOOP
    -- Not now(): that is when the transaction began to wait.
    v_now := clock_timestamp();
    -- Most requests meet nothing: one query finds that, and the rest is spared.
    SELECT status <> 'disconnected', p_request.prefixes = '{}'
      AND NOT EXISTS (SELECT 1 FROM live_locks_by_key WHERE lookup_key = ANY(p_request.ancestor_keys))
      AND NOT EXISTS (SELECT 1 FROM lock_waiters WHERE project_id = p_request.project_id)
    INTO v_connected, v_is_alone FROM agents WHERE id = p_request.agent_id;
    IF v_connected IS NOT TRUE THEN RETURN jsonb_build_object('disconnected', true); END IF;
    IF v_is_alone THEN
      RETURN jsonb_build_object('granted', grant_locks(p_request, p_waiter, false, v_now), 'now', v_now, 'expired', v_expired);
    END IF;
    v_found := find_lock_conflicts(p_request, p_free, p_overlapping, p_waiter);
    IF v_found.expired IS NOT NULL THEN v_expired := v_expired || v_found.expired; END IF;
    IF v_found.undecided IS NOT NULL THEN
      RETURN jsonb_build_object('undecided', describe_undecided(p_request.project_id, v_found.undecided), 'expired', v_expired);
    END IF;
    IF v_found.blocking IS NULL THEN
      RETURN jsonb_build_object('granted', grant_locks(p_request, p_waiter, v_found.is_near, v_found.seen_at),
                                'now', v_found.seen_at, 'expired', v_expired);
    END IF;
    EXIT WHEN NOT end_dead_agents(v_found.holders);
  END LOOP;

  IF p_wait THEN
    v_cycle := v_found.owners && coalesce(v_found.behind,
      owners_waiting_for(p_request.project_id, coalesce(p_request.session_id, p_request.agent_id), v_found.seen_at));
  END IF;
  IF p_wait AND NOT v_cycle THEN
    v_waiter := keep_queue_position(p_request, p_free, p_overlapping, p_waiter, v_found.owners, v_found.seen_at);
  ELSIF p_waiter IS NOT NULL THEN
    PERFORM leave_queue(p_waiter, '{}');
  END IF;
  RETURN jsonb_build_object(
    'conflicts', CASE WHEN p_describe OR v_cycle THEN describe_conflicts(p_request.project_id, v_found.blocking) ELSE '[]' END,
    'waiter', v_waiter::text, 'cycle', v_cycle, 'now', v_found.seen_at, 'expired', v_expired);
END $$;

-- Length of a text for BM25: how many words its lexemes stand for.
CREATE OR REPLACE FUNCTION popstash_length(tsv tsvector) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT coalesce(sum(cardinality(positions)), 0)::integer FROM unnest(tsv) $$;

-- Identifiers that have parts or a number (PROJ-1234, lib/auth.ts, parseConfig, max_size, v1.2.3, 90210), whole, in lower
-- case, each led by '=' so that none is ever taken for a word.
CREATE OR REPLACE FUNCTION popstash_identifiers(body text) RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT coalesce(array_agg(DISTINCT '=' || lower(m[1])), '{}')
    FROM regexp_matches(body, '([A-Za-z0-9]+(?:[-_./:@#]+[A-Za-z0-9]+)+|[A-Za-z0-9]*[a-z0-9][A-Z][A-Za-z0-9]*|[A-Za-z]+[0-9][A-Za-z0-9]*|[0-9][A-Za-z0-9]{2,})', 'g') AS m
    WHERE length(m[1]) BETWEEN 3 AND 120 AND m[1] ~ '[0-9_./:@#]|[a-z][A-Z]' $$;

-- Words taken apart further: parseHTTPConfig -> parse HTTP Config, utf8 -> utf 8.
CREATE OR REPLACE FUNCTION popstash_word_parts(words text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT regexp_replace(regexp_replace(regexp_replace(words,
    '([a-z0-9])([A-Z])', '\1 \2', 'g'), '([A-Z])([A-Z][a-z])', '\1 \2', 'g'),
    '([A-Za-z])(?=[0-9])|([0-9])(?=[A-Za-z])', '\1\2 ', 'g') $$;

-- Words of a text: punctuation away. Only ASCII is named, so that other scripts stay whole and every locale gives the same.
CREATE OR REPLACE FUNCTION popstash_words(body text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT regexp_replace(body, '[]\[[:space:]!"#$%&''()*+,./:;<=>?@\\^_`{|}~-]+', ' ', 'g') $$;

-- Lexemes of a text: its word parts as english stems and its words as they are (so an exact match counts twice, and
-- FastAPI is found by "fast" and by "fastapi"), with positions; and its identifiers, without.
-- (hint: fence.)
CREATE OR REPLACE FUNCTION popstash_tsvector(body text) RETURNS tsvector
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT to_tsvector('english'::regconfig, popstash_word_parts(words)) || to_tsvector('simple'::regconfig, words)
      || array_to_tsvector(popstash_identifiers(body))
    FROM (SELECT popstash_words(body) AS words OFFSET 0) AS split $$;

-- Cuts a memory's text into its lexical passages; called in the statement that writes the memory, and on
-- restore. (hint: fence.)
CREATE OR REPLACE FUNCTION cut_passages(body text)
  RETURNS TABLE (start_offset integer, end_offset integer, content_hash bytea, tsv tsvector, lexeme_count integer)
  LANGUAGE sql STABLE
  AS $$
    SELECT w.s, w.e, sha256(convert_to(w.part, 'UTF8')), v.tsv, popstash_length(v.tsv)
    FROM (SELECT s, least(s + 4000, length(body)) AS e, substr(body, s + 1, 4000) AS part
            FROM generate_series(0, greatest(length(body) - 401, 0), 3600) AS s) AS w,
         LATERAL (SELECT popstash_tsvector(w.part) AS tsv OFFSET 0) AS v
  $$;

CREATE OR REPLACE FUNCTION decision_search_text(topic text, decision text, reasoning text) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT concat_ws(E'\n', topic, decision, reasoning) $$;

-- Takes the lock that an agent's process holds for as long as its connection lasts (docs/decisions/liveness.md). Waits
-- for the connection that has it now.
CREATE OR REPLACE FUNCTION hold_liveness_lock(p_agent text) RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_lock(hashtextextended(p_agent, 78)) $$;

CREATE OR REPLACE FUNCTION insight_search_text(key text, content text, tags text[]) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT concat_ws(E'\n', key, content, nullif(array_to_string(tags, ' '), '')) $$;

-- What a memory is searched by. One definition for writing, embedding and re-embedding.
CREATE OR REPLACE FUNCTION stash_search_text(name text, summary text, files text[]) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT concat_ws(E'\n', name, summary, nullif(array_to_string(files, E'\n'), '')) $$;

-- The text of every live memory, as it is searched: passages are parts of it.
-- (hint: hidden column. The indexes of live rows would fit IS NULL, and be read whole for one id.)
CREATE OR REPLACE VIEW memory_texts AS
  SELECT 'stash'::memory_kind AS owner_kind, id AS owner_id, project_id, stash_search_text(name, summary, files) AS body
    FROM stashes WHERE coalesce(superseded_by, '') = '' AND coalesce(forgotten_at, 'infinity') = 'infinity'
  UNION ALL
  SELECT 'insight'::memory_kind, id, project_id, insight_search_text(key, content, tags)
    FROM insights WHERE coalesce(superseded_by, '') = '' AND coalesce(forgotten_at, 'infinity') = 'infinity'
  UNION ALL
  SELECT 'decision'::memory_kind, id, project_id, decision_search_text(topic, decision, reasoning)
    FROM decisions WHERE coalesce(superseded_by, '') = '' AND coalesce(forgotten_at, 'infinity') = 'infinity';

-- Releases an owner's locks on these paths. Not waited for on the disk, unless somebody may be granted them: a release
-- that a crash forgets leaves a lock that expires, and the next holder's commit waits for both.
--   p_lookup_keys  of the paths
-- (hint: index plans.)
CREATE OR REPLACE FUNCTION release_locks(p_project text, p_agent text, p_session text, p_keys text[], p_lookup_keys text[])
RETURNS SETOF locks
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
  PERFORM lock_project(p_project);
  IF NOT EXISTS (SELECT 1 FROM lock_waiters WHERE project_id = p_project) THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  RETURN QUERY SELECT * FROM close_locks(ARRAY(
    SELECT l.id FROM (
      SELECT * FROM live_locks_by_key WHERE lookup_key = ANY(p_lookup_keys) OFFSET 0 -- (hint: fence)
    ) l
    WHERE NOT l.is_glob AND l.key = ANY(p_keys) AND l.expires_at > clock_timestamp() AND l.agent_id = p_agent
      AND is_same_owner(p_agent, p_session, l.agent_id, l.session_id)), 'released');
END $$;

-- Whether this transaction is the one that looks for dead agents: one process at a time does, the others pass.
CREATE OR REPLACE FUNCTION try_lock_liveness_check() RETURNS boolean
LANGUAGE sql AS $$ SELECT pg_try_advisory_xact_lock(hashtextextended('liveness', 79)) $$;
