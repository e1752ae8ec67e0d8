-- Memory: projects, agents, stashes, insights, decisions, their passages, activities.
-- Every time is the database's clock. Every index begins with project_id.
CREATE EXTENSION IF NOT EXISTS vector;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;

CREATE TABLE projects (
  id          text PRIMARY KEY,
  root        text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  -- Statistics for BM25, kept by the maintenance job: lexical passages and their total length in lexemes.
  passage_count   integer NOT NULL DEFAULT 0,
  lexeme_total    bigint  NOT NULL DEFAULT 0,
  statistics_at   timestamptz
);

CREATE TABLE agents (
  id             text PRIMARY KEY,
  project_id     text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  name           text NOT NULL,
  client_version text,
  host           text,
  pid            integer,
  worktree       text,
  status         text NOT NULL DEFAULT 'active',
  current_task   text,
  connected_at   timestamptz NOT NULL DEFAULT now(),
  last_seen_at   timestamptz NOT NULL DEFAULT now(),
  disconnected_at timestamptz,
  metadata       jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX agents_project_id_status_idx ON agents (project_id, status);

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
-- At most one live version of a name, whoever races.
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
CREATE INDEX decisions_project_id_topic_idx ON decisions (project_id, lower(topic), created_at DESC);
CREATE INDEX decisions_project_id_created_at_idx ON decisions (project_id, created_at DESC);
CREATE INDEX decisions_topic_trgm_idx ON decisions USING gin (project_id, lower(topic) gin_trgm_ops);

-- What a memory is searched by. One definition for writing, embedding and re-embedding.
CREATE FUNCTION stash_search_text(name text, summary text, files text[]) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT concat_ws(E'\n', name, summary, nullif(array_to_string(files, E'\n'), '')) $$;
CREATE FUNCTION insight_search_text(key text, content text, tags text[]) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT concat_ws(E'\n', key, content, nullif(array_to_string(tags, ' '), '')) $$;
CREATE FUNCTION decision_search_text(topic text, decision text, reasoning text) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT concat_ws(E'\n', topic, decision, reasoning) $$;

-- Words of a text: punctuation away. Only ASCII is named, so that other scripts stay whole and every locale gives the same.
CREATE FUNCTION popstash_words(body text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT regexp_replace(body, '[]\[[:space:]!"#$%&''()*+,./:;<=>?@\\^_`{|}~-]+', ' ', 'g') $$;

-- Words taken apart further: parseHTTPConfig -> parse HTTP Config, utf8 -> utf 8.
CREATE FUNCTION popstash_word_parts(words text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT regexp_replace(regexp_replace(regexp_replace(words,
    '([a-z0-9])([A-Z])', '\1 \2', 'g'), '([A-Z])([A-Z][a-z])', '\1 \2', 'g'),
    '([A-Za-z])(?=[0-9])|([0-9])(?=[A-Za-z])', '\1\2 ', 'g') $$;

-- Identifiers that have parts or a number (PROJ-1234, lib/auth.ts, parseConfig, max_size, v1.2.3, 90210), whole, in lower
-- case, each led by '=' so that none is ever taken for a word.
CREATE FUNCTION popstash_identifiers(body text) RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT coalesce(array_agg(DISTINCT '=' || lower(m[1])), '{}')
    FROM regexp_matches(body, '([A-Za-z0-9]+(?:[-_./:@#]+[A-Za-z0-9]+)+|[A-Za-z0-9]*[a-z0-9][A-Z][A-Za-z0-9]*|[A-Za-z]+[0-9][A-Za-z0-9]*|[0-9][A-Za-z0-9]{2,})', 'g') AS m
    WHERE length(m[1]) BETWEEN 3 AND 120 AND m[1] ~ '[0-9_./:@#]|[a-z][A-Z]' $$;

-- Lexemes of a text: its word parts as english stems and its words as they are (so an exact match counts twice, and
-- FastAPI is found by "fast" and by "fastapi"), with positions; and its identifiers, without.
CREATE FUNCTION popstash_tsvector(body text) RETURNS tsvector
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT to_tsvector('english'::regconfig, popstash_word_parts(words)) || to_tsvector('simple'::regconfig, words)
      || array_to_tsvector(popstash_identifiers(body))
    FROM (SELECT popstash_words(body) AS words OFFSET 0) AS split $$;

-- Length of a text for BM25: how many words its lexemes stand for.
CREATE FUNCTION popstash_length(tsv tsvector) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT coalesce(sum(cardinality(positions)), 0)::integer FROM unnest(tsv) $$;

-- The one place of vectors and of lexemes. A memory has one or more lexical passages (tsv set, at most
-- 4,000 characters each) and one or more vector passages (at most 254 word pieces each). A text that fits both
-- is one row. A longer one: the lexical rows keep tsv and get embedded_at without a vector once the worker has
-- written the vector rows (tsv null). So `embedded_at IS NULL` is exactly the work still to do.
CREATE TABLE passages (
  id              bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  project_id      text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  owner_kind      text NOT NULL,
  owner_id        text NOT NULL,
  -- Place of the passage in the memory's search text, in characters (code points), [start_offset, end_offset).
  start_offset    integer NOT NULL,
  end_offset      integer NOT NULL,
  -- SHA-256 of the passage's text: a vector is written only where it still matches.
  content_hash    bytea NOT NULL,
  tsv             tsvector,
  -- Length in words for BM25 (popstash_length); 0 where tsv is null.
  lexeme_count    integer NOT NULL DEFAULT 0,
  embedding       vector(384),
  embedding_model text,
  embedded_at     timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now(),
  -- Copied from a stash with a time to live, so that search need not join to leave it out.
  expires_at      timestamptz
);
-- Vectors stay in the row (an exact scan reads a project's vectors one after the other), so lexemes move out of it.
ALTER TABLE passages ALTER COLUMN embedding SET STORAGE PLAIN;
CREATE UNIQUE INDEX passages_owner_key ON passages (owner_kind, owner_id, start_offset, end_offset);
CREATE INDEX passages_project_id_owner_kind_idx ON passages (project_id, owner_kind);
CREATE INDEX passages_pending_idx ON passages (created_at) WHERE embedded_at IS NULL;
-- Partial, since a vector passage has no lexemes; `tsv @@ …` implies the condition.
CREATE INDEX passages_tsv_gin ON passages USING gin (project_id, tsv) WHERE tsv IS NOT NULL;
CREATE INDEX passages_embedding_hnsw ON passages USING hnsw ((embedding::halfvec(384)) halfvec_cosine_ops);

-- The text of every live memory, as searched: the worker reads passages out of it.
CREATE VIEW memory_texts AS
  SELECT 'stash'::text AS owner_kind, id AS owner_id, project_id, stash_search_text(name, summary, files) AS body
    FROM stashes WHERE superseded_by IS NULL AND forgotten_at IS NULL
  UNION ALL
  SELECT 'insight', id, project_id, insight_search_text(key, content, tags)
    FROM insights WHERE superseded_by IS NULL AND forgotten_at IS NULL
  UNION ALL
  SELECT 'decision', id, project_id, decision_search_text(topic, decision, reasoning)
    FROM decisions WHERE superseded_by IS NULL AND forgotten_at IS NULL;

-- Cuts a memory's text into its lexical passages; called in the statement that writes the memory, and on restore.
CREATE FUNCTION cut_passages(body text)
  RETURNS TABLE (start_offset integer, end_offset integer, content_hash bytea, tsv tsvector, lexeme_count integer)
  LANGUAGE sql STABLE
  AS $$
    SELECT w.s, w.e, sha256(convert_to(w.part, 'UTF8')), v.tsv, popstash_length(v.tsv)
    FROM (SELECT s, least(s + 4000, length(body)) AS e, substr(body, s + 1, 4000) AS part
            FROM generate_series(0, greatest(length(body) - 401, 0), 3600) AS s) AS w,
         LATERAL (SELECT popstash_tsvector(w.part) AS tsv OFFSET 0) AS v
  $$;

-- Document frequencies of common lexemes in large projects (10,000 passages and more), kept by the maintenance job:
-- what is not here is rare, and counted while searching.
CREATE TABLE lexeme_stats (
  project_id text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  lexeme     text NOT NULL,
  passages   integer NOT NULL,
  PRIMARY KEY (project_id, lexeme)
);

CREATE TABLE activities (
  id          bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  project_id  text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  agent_id    text,
  session_id  text,
  type        text NOT NULL,
  description text NOT NULL,
  metadata    jsonb NOT NULL DEFAULT '{}',
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX activities_project_id_id_idx ON activities (project_id, id DESC);
CREATE INDEX activities_project_id_agent_id_idx ON activities (project_id, agent_id, id DESC);
CREATE INDEX activities_project_id_type_idx ON activities (project_id, type, id DESC);
