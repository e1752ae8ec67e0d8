-- From the last development version before 0.1.0 to the initial migration, for databases that people already have.
--
-- src/db/migrate.ts recognises such a database by its history, the names and checksums below, and runs this file and the
-- functions of the migration named by `to` in one transaction; then the earlier rows of _prisma_migrations are replaced
-- by that migration's. Embedded stores do the same when their server starts. A table, column or type that is added to the
-- initial migration before its release is added here, too. Nothing is lost but places in the queue for
-- locks, which live for seconds anyway. test/integration/baseline.test.ts compares the outcome with a new database.
--
-- from 20261122000000_create_memory 4b1eccdf714269b30b69f7e8ef0a9bdfd280dc9cfe1ce1140fd7bb47be24019d
-- from 20261122120000_index_expiring_passages 58a4cdfe171028839e264a7a55fba2a8bb678293390a849252dd7e4e83b47aa5
-- from 20261122200000_create_coordination 1ea2fac4607f5b6b85850440839720d641f0fb8ed1ff9e16eba506c2b57d2d1e
-- from 20261122230000_hand_over_locks db4e4359f754e43ba7e2c9d5409d55e2bf77cde48ad9bbe85feb4c982afea100
-- from 20261125210000_keep_plans_right 45b7b3b0156f772d82ea2969ae4f9ebc32eda0afedc6d18d0472965a2f5e5f98
-- from 20261125220000_quicken_locks b5d93d7412c9dd7550be102e04a752db3c21987912eace9c1f7955980d22a3b3
-- to 20261126000000_init

-- == Functions and views: all are made again

DROP VIEW memory_texts;
DROP FUNCTION acquire_locks, close_locks, cut_passages, decision_search_text, describe_blocking, disconnect_agent, end_locks, hand_over, insight_search_text, is_same_owner, leave_notice, leave_queue, log_ended, lost_proof, popstash_identifiers, popstash_length, popstash_tsvector, popstash_word_parts, popstash_words, release_locks, stash_search_text, take_turn, who_waits_for;

-- == Types

CREATE TYPE agent_status AS ENUM ('active', 'disconnected');
CREATE TYPE liveness AS ENUM ('alive', 'suspected', 'dead');
CREATE TYPE memory_kind AS ENUM ('stash', 'insight', 'decision');
CREATE TYPE session_status AS ENUM ('active', 'completed', 'abandoned');
CREATE TYPE lock_mode AS ENUM ('exclusive', 'shared');
CREATE TYPE lock_origin AS ENUM ('tool', 'hook');
CREATE TYPE lock_end_reason AS ENUM ('released', 'expired', 'disconnected', 'forced');
CREATE TYPE notice_kind AS ENUM ('announcement', 'lock_lost', 'lock_expiring', 'shell_write');

CREATE TYPE lock_request AS (
  project_id       text,
  agent_id         text,
  session_id       text,
  task             text,
  lock_ids         text[],
  patterns         text[],
  keys             text[],
  literal_prefixes text[],
  globs            boolean[],
  ancestor_keys    text[],
  prefixes         text[],
  mode             lock_mode,
  life_seconds     integer,
  origin           lock_origin
);

-- == Agents, sessions, passages: sets of words become enum types, the proof of life a liveness lock

DROP INDEX agents_present_idx, sessions_active_idx;
ALTER TABLE agents ALTER COLUMN status DROP DEFAULT, ALTER COLUMN status TYPE agent_status USING status::agent_status;
ALTER TABLE agents ALTER COLUMN status SET DEFAULT 'active';
ALTER TABLE agents RENAME COLUMN proves_life TO has_liveness_lock;
ALTER TABLE agents RENAME COLUMN proof_lost_at TO suspected_at;
CREATE INDEX agents_present_idx ON agents (host) WHERE status <> 'disconnected';
ALTER TABLE sessions ALTER COLUMN status DROP DEFAULT, ALTER COLUMN status TYPE session_status USING status::session_status;
ALTER TABLE sessions ALTER COLUMN status SET DEFAULT 'active';
CREATE INDEX sessions_active_idx ON sessions (agent_id) WHERE status = 'active';
ALTER TABLE passages ALTER COLUMN owner_kind TYPE memory_kind USING owner_kind::memory_kind;

-- == Locks and their queue

DROP INDEX locks_live_path_key, locks_live_place_idx;
ALTER TABLE locks RENAME COLUMN base TO literal_prefix;
ALTER TABLE locks ALTER COLUMN origin DROP DEFAULT;
ALTER TABLE locks ALTER COLUMN mode TYPE lock_mode USING mode::lock_mode,
  ALTER COLUMN origin TYPE lock_origin USING origin::lock_origin,
  ALTER COLUMN end_reason TYPE lock_end_reason USING end_reason::lock_end_reason;
ALTER TABLE locks ALTER COLUMN origin SET DEFAULT 'tool';
CREATE UNIQUE INDEX locks_live_path_key ON locks (project_id, key)
  WHERE ended_at IS NULL AND NOT is_glob AND mode = 'exclusive';
CREATE INDEX locks_live_lookup_idx ON locks ((project_id || '/' || literal_prefix) COLLATE "C")
  WHERE ended_at IS NULL AND literal_prefix IS NOT NULL;

DROP TABLE lock_waiters;
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

-- == Notices keep facts: what only the message said is read out of it

ALTER TABLE notices RENAME COLUMN data TO facts;
UPDATE notices SET facts = jsonb_build_object('message', message) || facts WHERE kind = 'announcement';
UPDATE notices SET facts = facts || CASE WHEN message LIKE '% has expired. Call acquire before you edit there again.'
  THEN '{"reason": "expired"}'
  ELSE jsonb_strip_nulls(jsonb_build_object('reason', 'forced', 'note',
    substring(message FROM ' was released by the user: (.*)\. Call acquire before you edit there again\.$'))) END
WHERE kind = 'lock_lost';
UPDATE notices SET facts = facts || jsonb_build_object('silent_seconds',
  60 * substring(message FROM ' was about to expire: there was no sign of its session for (\d+) minutes')::integer)
WHERE kind = 'lock_expiring';
UPDATE notices SET facts = facts || jsonb_strip_nulls(jsonb_build_object('by_name',
  substring(message FROM ', held by you, changed while (.*) \(agent_[^()]*\) ran a shell command: ')))
WHERE kind = 'shell_write';
ALTER TABLE notices DROP COLUMN message;
ALTER TABLE notices ALTER COLUMN kind TYPE notice_kind USING kind::notice_kind;

-- == Activities keep facts: a subject without the words before it

ALTER TABLE activities RENAME COLUMN description TO subject;
UPDATE activities a SET metadata = a.metadata || jsonb_build_object('version', i.version)
FROM insights i WHERE a.type = 'insight' AND i.id = a.metadata->>'id';
UPDATE activities a SET metadata = a.metadata || jsonb_build_object('version', s.version)
FROM stashes s WHERE a.type = 'stash' AND s.id = a.metadata->>'id';
UPDATE activities a SET metadata = a.metadata || jsonb_build_object('version', d.version)
FROM decisions d WHERE a.type = 'decision' AND d.id = a.metadata->>'id';
UPDATE activities SET metadata = metadata || jsonb_build_object('kind', substring(subject FROM '^(?:Forgot|Restored) (stash|insight|decision): '))
WHERE type IN ('forget', 'restore');
UPDATE activities SET subject = coalesce(metadata->>'reason', subject) WHERE type = 'guard_override';
UPDATE activities SET subject = regexp_replace(subject, '^(Connected|Disconnected|Started|Finished|Abandoned|Locked|Released'
  '|Released by force|Expired|Announced|Stashed|Added insight|Updated insight|Decided|Forgot (stash|insight|decision)'
  '|Restored (stash|insight|decision)|Changed by a command): ', '')
WHERE type <> 'guard_override';
