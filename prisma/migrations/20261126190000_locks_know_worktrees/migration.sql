-- Older versions that still run can't lock files any more: acquire_locks, release_locks and lock_request have other fields.
-- Locks know the worktree and the repository of their file: they exclude within the worktree and warn across worktrees.

CREATE TYPE worktree_policy AS ENUM ('warn', 'deny');
ALTER TABLE projects ADD COLUMN across_worktrees worktree_policy NOT NULL DEFAULT 'warn';

ALTER TABLE locks ADD COLUMN worktree text;
UPDATE locks SET worktree = coalesce((SELECT worktree FROM agents WHERE id = locks.agent_id), '');
ALTER TABLE locks ALTER COLUMN worktree SET NOT NULL;
DROP INDEX locks_live_path_key;
-- Second line of defence: whatever the code does, no path of a worktree has two exclusive holders.
CREATE UNIQUE INDEX locks_live_path_key ON locks (project_id, worktree, key)
  WHERE ended_at IS NULL AND NOT is_glob AND mode = 'exclusive';

-- Positions in the queue last for seconds: those who wait queue again. The functions that take the type are below.
DROP TABLE lock_waiters CASCADE;
DROP TYPE lock_request CASCADE;
CREATE TYPE lock_request AS (
  -- Of the agent and its session.
  project_id       text,
  agent_id         text,
  session_id       text,
  -- Opens the session with this task when everything is granted; null for a request of locks alone.
  task             text,
  -- The requested patterns, an element of each array for one; lock_ids are ids for new locks.
  lock_ids         text[],
  -- The projects of the repositories that the files belong to.
  boards           text[],
  worktrees        text[],
  patterns         text[],
  keys             text[],
  -- Worktree and key in one.
  paths            text[],
  literal_prefixes text[],
  globs            boolean[],
  -- Lookup keys (board and literal prefix) at which a lock could overlap: those of the literals and of every folder
  -- above a pattern.
  ancestor_keys    text[],
  -- Lookup keys of the globs: whatever lies below them could overlap.
  prefixes         text[],
  mode             lock_mode,
  life_seconds     integer,
  origin           lock_origin
);
-- Not logged: after a crash those who still wait queue again, and a wait costs no write to the disk.
CREATE UNLOGGED TABLE lock_waiters (
  id          bigserial PRIMARY KEY,
  project_id  text NOT NULL,
  board       text NOT NULL,
  boards      text[] NOT NULL,
  agent_id    text NOT NULL,
  owner       text NOT NULL,
  request     lock_request NOT NULL,
  free        text[] NOT NULL,
  overlapping text[] NOT NULL,
  waits_for   text[] NOT NULL,
  queued_at   timestamptz NOT NULL,
  alive_until timestamptz NOT NULL
);
CREATE INDEX lock_waiters_board_id_idx ON lock_waiters (board, id);

-- == Functions and views, as in prisma/functions

DROP VIEW live_locks_by_key;
DROP FUNCTION decide_candidates(p_project text, p_candidates text[], p_free text[], p_overlapping text[], OUT undecided text[], OUT blocking text[], OUT owners text[], OUT holders text[]);
DROP FUNCTION describe_conflicts(p_project text, p_blocking text[]);
DROP FUNCTION describe_undecided(p_project text, p_undecided text[]);
DROP FUNCTION end_dead_agents(p_agents text[]);
DROP FUNCTION grant_next(p_project text, p_agent text, p_owner text);
DROP FUNCTION owners_waiting_for(p_project text, p_owner text, p_now timestamp with time zone);
DROP FUNCTION release_locks(p_project text, p_agent text, p_session text, p_keys text[], p_lookup_keys text[]);

-- Those of these agents whose process is dead but that have not been ended yet; null when there are none. They are ended
-- by the caller, in a transaction of their own: what they hold may be on boards that this one has not locked.
CREATE OR REPLACE FUNCTION dead_agents(p_agents text[]) RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
  v_agent text;
  v_dead text[];
BEGIN
  FOR v_agent IN SELECT DISTINCT unnest(p_agents) LOOP
    IF agent_liveness(v_agent) = 'dead' THEN v_dead := v_dead || v_agent; END IF;
  END LOOP;
  RETURN v_dead;
END $$;

-- Those of these boards whose locks exclude agents in other worktrees too.
CREATE OR REPLACE FUNCTION denying_boards(p_boards text[]) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN ARRAY(SELECT id FROM projects WHERE id = ANY(p_boards) AND across_worktrees = 'deny');
END $$;

-- The positions in the queue (w and their id) among ids of locks and positions.
CREATE OR REPLACE FUNCTION queue_positions(p_ids text[]) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN ARRAY(SELECT substr(id, 2)::bigint FROM unnest(p_ids) id WHERE id ~ '^w\d+$');
END $$;

-- What blocks a request, as people ask about it: locks by their id, positions in the queue by w and theirs. denies: the
-- boards whose locks exclude across worktrees.
CREATE OR REPLACE FUNCTION describe_conflicts(p_blocking text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT coalesce(jsonb_agg(c ORDER BY c.since), '[]') FROM (
    SELECT l.id, ARRAY[l.project_id] AS boards, ARRAY[l.worktree] AS worktrees, ARRAY[l.key] AS keys,
           ARRAY[l.is_glob] AS globs, denying_boards(ARRAY[l.project_id]) AS denies, ARRAY[l.pattern] AS patterns, l.mode,
           l.agent_id AS agent, l.session_id AS session, a.name, coalesce(s.task, a.current_task) AS task,
           l.acquired_at AS since, l.expires_at AS expires, greatest(s.last_active_at, a.last_seen_at) AS active,
           a.suspected_at IS NOT NULL AS suspected, false AS queued
    FROM locks l JOIN agents a ON a.id = l.agent_id LEFT JOIN sessions s ON s.id = l.session_id
    WHERE l.id = ANY(p_blocking)
    UNION ALL
    SELECT 'w' || w.id, (w.request).boards, (w.request).worktrees, (w.request).keys, (w.request).globs,
           denying_boards((w.request).boards), (w.request).patterns, (w.request).mode, w.agent_id, (w.request).session_id,
           a.name, coalesce(s.task, a.current_task), w.queued_at, w.alive_until,
           greatest(s.last_active_at, a.last_seen_at), a.suspected_at IS NOT NULL, true
    FROM lock_waiters w JOIN agents a ON a.id = w.agent_id LEFT JOIN sessions s ON s.id = (w.request).session_id
    WHERE w.id = ANY(queue_positions(p_blocking))
  ) c);
END $$;

-- What a caller needs to compare locks (by id) and positions in the queue (w and their id) with its request. denies: the
-- boards whose locks exclude across worktrees.
CREATE OR REPLACE FUNCTION describe_undecided(p_undecided text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT jsonb_agg(u) FROM (
    SELECT id, ARRAY[project_id] AS boards, ARRAY[worktree] AS worktrees, ARRAY[key] AS keys, ARRAY[is_glob] AS globs,
           denying_boards(ARRAY[project_id]) AS denies
    FROM locks WHERE id = ANY(p_undecided)
    UNION ALL
    SELECT 'w' || id, (request).boards, (request).worktrees, (request).keys, (request).globs,
           denying_boards((request).boards)
    FROM lock_waiters WHERE id = ANY(queue_positions(p_undecided))
  ) u);
END $$;

-- What the caller's comparisons say of locks (by id) and positions in the queue (w and their id) that may overlap with
-- its request.
--   undecided  not compared yet; null when all are
--   blocking   those that overlap; owners: theirs; holders: the agents of the locks among them
CREATE OR REPLACE FUNCTION decide_candidates(
  p_candidates text[], p_free text[], p_overlapping text[],
  OUT undecided text[], OUT blocking text[], OUT owners text[], OUT holders text[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
  undecided := nullif(ARRAY(
    SELECT unnest(p_candidates) EXCEPT (SELECT unnest(p_free) UNION ALL SELECT unnest(p_overlapping))), '{}');
  blocking := nullif(ARRAY(SELECT unnest(p_candidates) INTERSECT SELECT unnest(p_overlapping)), '{}');
  IF undecided IS NOT NULL OR blocking IS NULL THEN RETURN; END IF;
  SELECT array_agg(owner), array_agg(agent_id) FILTER (WHERE agent_id IS NOT NULL) INTO owners, holders FROM (
    SELECT coalesce(session_id, agent_id) AS owner, agent_id FROM locks WHERE id = ANY(blocking)
    UNION SELECT owner, NULL FROM lock_waiters WHERE id = ANY(queue_positions(blocking))
  ) met;
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

-- Locks that have not ended, by their lookup key: board and literal prefix in one, compared by bytes. It is for
-- conditions on lookup_key. (hint: own condition, for the index locks_live_lookup_idx.)
CREATE OR REPLACE VIEW live_locks_by_key AS
  SELECT (project_id || '/' || literal_prefix) COLLATE "C" AS lookup_key, id, project_id, worktree, agent_id, session_id, key,
         is_glob, mode, token, expires_at
    FROM locks WHERE ended_at IS NULL AND literal_prefix IS NOT NULL;

-- The live lock of the same owner on the pattern at a position of a request, perhaps held as part of the whole agent: it
-- lives on, under the same token unless it becomes stronger. Null when there is none.
CREATE OR REPLACE FUNCTION renew_lock(p_request lock_request, p_position integer, p_expires_at timestamptz) RETURNS locks
LANGUAGE plpgsql AS $$
DECLARE
  v_lock locks;
  v_id text;
BEGIN
  SELECT l.id INTO v_id FROM live_locks_by_key l
  WHERE l.lookup_key = p_request.boards[p_position] || '/' || p_request.literal_prefixes[p_position]
    AND l.worktree = p_request.worktrees[p_position] AND l.key = p_request.keys[p_position] AND l.is_glob = p_request.globs[p_position]
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
-- these locks now. Returns the locks in the order of the request. Under the boards' locks.
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
      INSERT INTO locks (id, project_id, worktree, agent_id, session_id, pattern, key, literal_prefix, is_glob, mode, origin,
                         token, life_seconds, acquired_at, expires_at)
      VALUES (p_request.lock_ids[i], p_request.boards[i], p_request.worktrees[i], p_request.agent_id, p_request.session_id,
              p_request.patterns[i], p_request.keys[i], p_request.literal_prefixes[i], p_request.globs[i], p_request.mode,
              p_request.origin, nextval('lock_tokens'), p_request.life_seconds, p_now, p_now + v_life)
      RETURNING * INTO v_lock;
      v_new := v_new || v_lock.pattern;
    END IF;
    v_granted := v_granted || jsonb_build_object('id', v_lock.id, 'pattern', v_lock.pattern, 'mode', v_lock.mode,
      'token', v_lock.token, 'acquired', v_lock.acquired_at, 'expires', v_lock.expires_at);
  END LOOP;
  IF v_new IS NULL THEN RETURN v_granted; END IF;
  IF p_request.project_id = ALL(p_request.boards) THEN
    INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
    VALUES (p_request.project_id, p_request.agent_id, p_request.session_id, 'lock_acquired',
            left(array_to_string(v_new, ', '), 300),
            jsonb_build_object('locks', v_granted, 'mode', p_request.mode, 'origin', p_request.origin));
  ELSE
    INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
    SELECT asked.board, p_request.agent_id, p_request.session_id, 'lock_acquired',
           left(string_agg(asked.pattern, ', ' ORDER BY asked.position), 300),
           jsonb_build_object('locks', v_granted, 'mode', p_request.mode, 'origin', p_request.origin)
    FROM unnest(p_request.boards, p_request.patterns) WITH ORDINALITY AS asked (board, pattern, position) GROUP BY 1;
  END IF;
  RETURN v_granted;
END $$;

-- Grants what a position in the queue asks for, on behalf of its process; null when something still blocks it, or may.
-- Under the boards' locks.
CREATE OR REPLACE FUNCTION grant_waiter(p_waiter lock_waiters) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  v_found record;
BEGIN
  v_found := find_lock_conflicts(p_waiter.request, p_waiter.free, p_waiter.overlapping, p_waiter.id);
  IF v_found.undecided IS NOT NULL OR v_found.blocking IS NOT NULL THEN RETURN NULL; END IF;
  RETURN jsonb_build_object('granted', grant_locks(p_waiter.request, p_waiter.id, v_found.is_near, v_found.seen_at),
                            'elsewhere', v_found.is_elsewhere, 'now', v_found.seen_at,
                            'expired', coalesce(v_found.expired, '[]'));
END $$;

-- Positions in the queue on any of these boards: those on one board are found by it, those on several by its absence ('').
-- The index forgets positions that are gone; the table, read whole, does not until it is vacuumed.
CREATE OR REPLACE FUNCTION queue_on_boards(p_boards text[]) RETURNS SETOF lock_waiters
LANGUAGE sql STABLE AS $$
  SELECT * FROM lock_waiters WHERE board = ANY(p_boards || ''::text) AND boards && p_boards
$$;

-- Called when something of this owner's on this board has ended: those who wait for it, and for nobody that queued before,
-- are granted their locks here and told so. A waiter that begins a task, has not asked for a second or may be dead, asks on
-- other boards too, or has globs to compare, is only told to ask again. Under the board's lock.
CREATE OR REPLACE FUNCTION grant_next(p_board text, p_agent text, p_owner text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_waiter lock_waiters;
  v_earlier text[] := '{}';
  v_granted jsonb;
  v_is_awaited boolean := false;
  v_position bigint;
  v_ids text[];
  v_paths text[];
BEGIN
  FOR v_waiter IN
    SELECT * FROM queue_on_boards(ARRAY[p_board]) WHERE alive_until > clock_timestamp() ORDER BY id
  LOOP
    IF v_waiter.owner = p_owner THEN v_position := coalesce(v_position, v_waiter.id); END IF;
    IF p_owner = ANY(v_waiter.waits_for) THEN
      v_is_awaited := true;
      IF NOT v_waiter.waits_for && v_earlier THEN
        v_granted := NULL;
        IF (v_waiter.request).task IS NULL AND v_waiter.boards = ARRAY[p_board]
           AND v_waiter.alive_until > clock_timestamp() + interval '4 seconds'
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
    SELECT coalesce(array_agg(l.id), '{}'), coalesce(array_agg(l.worktree || '/' || l.key), '{}') INTO v_ids, v_paths
    FROM locks l WHERE l.agent_id = p_agent AND l.ended_at IS NULL AND coalesce(l.session_id, l.agent_id) = p_owner;
    UPDATE lock_waiters SET waits_for = array_remove(waits_for, p_owner)
    WHERE id IN (SELECT id FROM queue_on_boards(ARRAY[p_board])) AND p_owner = ANY(waits_for) AND NOT overlapping && v_ids
      AND NOT (request).paths && v_paths AND (v_position IS NULL OR id < v_position);
  END IF;
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
    IF EXISTS (SELECT 1 FROM queue_on_boards(ARRAY[v_lock.project_id])) THEN
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
    FROM unnest(v_ended) e WHERE EXISTS (SELECT 1 FROM queue_on_boards(ARRAY[e.project_id]))
  LOOP
    PERFORM grant_next(v_group.project_id, v_group.agent_id, v_group.owner);
  END LOOP;
END $$;

-- Owners in the queue that wait for this one, directly or through others, on any board.
CREATE OR REPLACE FUNCTION owners_waiting_for(p_owner text, p_now timestamptz) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_found text[];
BEGIN
  SELECT array_agg(owner) INTO v_found FROM lock_waiters
    WHERE id > 0 /* (hint: whole index) */ AND alive_until > p_now AND p_owner = ANY(waits_for);
  IF v_found IS NULL THEN RETURN '{}'; END IF;
  WITH RECURSIVE waiting AS (
    SELECT unnest(v_found) AS owner
    UNION SELECT w.owner FROM waiting b JOIN lock_waiters w ON w.alive_until > p_now AND b.owner = ANY(w.waits_for)
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
    SELECT id, agent_id, owner, (request).session_id, (request).paths, (request).boards, (request).worktrees
    FROM queue_on_boards(p_request.boards)
    WHERE alive_until > p_now AND (p_waiter IS NULL OR id < p_waiter)
      AND owner <> v_owner AND (p_request.mode = 'exclusive' OR (request).mode = 'exclusive')
      -- Paths are compared with paths here: of one worktree, and of others for projects that exclude across.
      AND ((request).keys && p_request.keys OR true = ANY((request).globs) OR true = ANY(p_request.globs))
    ORDER BY id
  LOOP
    CONTINUE WHEN v_earlier.agent_id = p_request.agent_id
      AND is_same_owner(p_request.agent_id, p_request.session_id, v_earlier.agent_id, v_earlier.session_id);
    CONTINUE WHEN NOT v_earlier.worktrees && p_request.worktrees
      AND NOT v_earlier.boards && denying_boards(p_request.boards);
    behind := coalesce(behind, owners_waiting_for(v_owner, p_now));
    CONTINUE WHEN v_earlier.owner = ANY(behind);
    holder := coalesce(holder, v_earlier.agent_id);
    IF NOT v_earlier.paths && p_request.paths THEN
      candidates := candidates || ('w' || v_earlier.id);
    ELSE
      blocking := blocking || ('w' || v_earlier.id);
      owners := owners || v_earlier.owner;
    END IF;
  END LOOP;
END $$;

-- What blocks a request: live locks of other owners and earlier positions in the queue that overlap with it in the same
-- worktree (in any, where the project excludes across them), unless both are shared. First ends the locks whose time is
-- up, so that those who queue for them are granted them before. Under the boards' locks.
--   seen_at       the clock at which this holds, read under the lock (now() is when the transaction began to wait)
--   is_near       the agent holds a lock near by: what it asks for may be its own already
--   is_elsewhere  there are locks of others near by in other worktrees, which do not block
--   undecided     locks (by id) and positions (w and their id) that only the caller can compare, and has not compared yet
--   blocking      those that overlap; owners: who has to be waited for; holders: their agents, which may be dead
--   behind        owners that wait for this one; null when there was no need to know
--   expired       what was ended: [{id, pattern, agent}]
CREATE OR REPLACE FUNCTION find_lock_conflicts(
  p_request lock_request, p_free text[], p_overlapping text[], p_waiter bigint,
  OUT seen_at timestamptz, OUT is_near boolean, OUT is_elsewhere boolean, OUT undecided text[], OUT blocking text[],
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
    is_elsewhere := false;
    v_due := false;
    FOR v_lock IN
      SELECT id, project_id, worktree, agent_id, session_id, key, is_glob, mode, expires_at FROM live_locks_by_key
      WHERE lookup_key = ANY(p_request.ancestor_keys)
      UNION ALL
      SELECT l.* FROM unnest(p_request.prefixes) prefix, LATERAL (
        SELECT id, project_id, worktree, agent_id, session_id, key, is_glob, mode, expires_at FROM live_locks_by_key
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
      IF NOT v_lock.is_glob AND v_lock.worktree || '/' || v_lock.key = ANY(p_request.paths) THEN
        blocking := blocking || v_lock.id;
        owners := owners || coalesce(v_lock.session_id, v_lock.agent_id);
        holders := holders || v_lock.agent_id;
      ELSE
        is_elsewhere := is_elsewhere OR v_lock.worktree <> ALL(p_request.worktrees);
        CONTINUE WHEN v_lock.worktree <> ALL(p_request.worktrees) AND denying_boards(ARRAY[v_lock.project_id]) = '{}';
        v_candidates := v_candidates || v_lock.id;
      END IF;
    END LOOP;
    EXIT WHEN NOT v_due;
    SELECT coalesce(expired, '[]')
      || coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'pattern', e.pattern, 'agent', e.agent_id)), '[]')
    INTO expired FROM expire_locks(v_lock.project_id) e;
    v_candidates := NULL;
    blocking := NULL; owners := NULL; holders := NULL;
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
    v_decided := decide_candidates(v_candidates, p_free, p_overlapping);
    undecided := v_decided.undecided;
    blocking := blocking || v_decided.blocking;
    owners := owners || v_decided.owners;
    holders := holders || v_decided.holders;
  END IF;
END $$;

-- Keeps a position in the queue, or takes one at its end when the request has none (any more): it is kept by asking
-- again within five seconds. Returns its id.
CREATE OR REPLACE FUNCTION keep_queue_position(
  p_request lock_request, p_free text[], p_overlapping text[], p_waiter bigint, p_owners text[], p_now timestamptz
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  v_owners text[] := ARRAY(SELECT DISTINCT unnest(p_owners));
  v_boards text[];
  v_waiter bigint;
BEGIN
  IF p_waiter IS NOT NULL THEN
    UPDATE lock_waiters SET waits_for = v_owners, alive_until = p_now + interval '5 seconds', free = p_free,
      overlapping = p_overlapping WHERE id = p_waiter RETURNING id INTO v_waiter;
  END IF;
  IF v_waiter IS NULL THEN
    v_boards := ARRAY(SELECT DISTINCT unnest(p_request.project_id || p_request.boards));
    INSERT INTO lock_waiters (project_id, board, boards, agent_id, owner, request, free, overlapping, waits_for, queued_at, alive_until)
    VALUES (p_request.project_id, CASE WHEN cardinality(v_boards) = 1 THEN v_boards[1] ELSE '' END, v_boards,
      p_request.agent_id, coalesce(p_request.session_id, p_request.agent_id), p_request, p_free, p_overlapping, v_owners,
      p_now, p_now + interval '5 seconds')
    RETURNING id INTO v_waiter;
  END IF;
  RETURN v_waiter;
END $$;

-- Waits for the locks of several projects' boards, in the order of their ids: two transactions that lock the same boards
-- never wait for each other in a circle.
CREATE OR REPLACE FUNCTION lock_boards(p_boards text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_board text;
BEGIN
  IF cardinality(p_boards) = 1 THEN
    PERFORM lock_project(p_boards[1]);
    RETURN;
  END IF;
  FOR v_board IN SELECT DISTINCT unnest(p_boards) COLLATE "C" AS board ORDER BY board LOOP
    PERFORM lock_project(v_board);
  END LOOP;
END $$;

-- Ends live locks of any projects; see close_locks. (hint: index plans.)
CREATE OR REPLACE FUNCTION end_locks(p_ids text[], p_reason lock_end_reason, p_note text DEFAULT NULL) RETURNS SETOF locks
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
  PERFORM lock_boards(ARRAY(
    SELECT project_id FROM locks
    WHERE id = ANY(p_ids) AND coalesce(ended_at, 'infinity') = 'infinity')); -- (hint: hidden column)
  RETURN QUERY SELECT * FROM close_locks(p_ids, p_reason, p_note);
END $$;

-- Gives up a position in the queue, for any reason but a grant: those behind it may move up. When it is gone because
-- its locks were granted meanwhile, those (p_locks, the ids it asked with) are released. (hint: index plans.)
CREATE OR REPLACE FUNCTION leave_queue(p_waiter bigint, p_locks text[]) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  v_left lock_waiters;
  v_board text;
BEGIN
  PERFORM lock_boards(boards) FROM lock_waiters WHERE id = p_waiter;
  DELETE FROM lock_waiters WHERE id = p_waiter RETURNING * INTO v_left;
  IF v_left.id IS NOT NULL THEN
    FOREACH v_board IN ARRAY v_left.boards LOOP
      PERFORM grant_next(v_board, v_left.agent_id, v_left.owner);
    END LOOP;
  ELSIF p_locks <> '{}' THEN
    PERFORM end_locks(p_locks, 'released');
  END IF;
END $$;

-- Locks all patterns of a request for its session (or, without one, its agent), or none. The patterns may be on several
-- projects' boards.
--   p_free, p_overlapping  locks (by id) and positions in the queue (w and their id) that the caller has compared before
--   p_waiter               the request's position in the queue; with p_wait, conflicts make it take or keep one
--   p_describe             whether conflicts are described or only counted as such
-- Returns one of {granted, elsewhere, expired}, {undecided: [{id, boards, worktrees, keys, globs, denies}]},
-- {conflicts, waiter | cycle}, {dead: agents that block the request and are to be ended first}, {disconnected}; nothing is
-- changed in the last four but the position in the queue and what has expired anyway. elsewhere: locks in other worktrees
-- stood near by, of which the agent may have to be warned.
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
  v_dead text[];
  v_waiter bigint;
  v_cycle boolean := false;
BEGIN
  -- That of the agent's own project too: what ends the agent holds it.
  IF p_request.project_id = ALL(p_request.boards) THEN PERFORM lock_project(p_request.project_id);
  ELSE PERFORM lock_boards(p_request.project_id || p_request.boards);
  END IF;
  -- Not now(): that is when the transaction began to wait.
  v_now := clock_timestamp();
  -- Most requests meet nothing: one query finds that, and the rest is spared.
  SELECT status <> 'disconnected', p_request.prefixes = '{}'
    AND NOT EXISTS (SELECT 1 FROM live_locks_by_key WHERE lookup_key = ANY(p_request.ancestor_keys))
    AND NOT EXISTS (SELECT 1 FROM queue_on_boards(p_request.boards))
  INTO v_connected, v_is_alone FROM agents WHERE id = p_request.agent_id;
  IF v_connected IS NOT TRUE THEN RETURN jsonb_build_object('disconnected', true); END IF;
  IF v_is_alone THEN
    RETURN jsonb_build_object('granted', grant_locks(p_request, p_waiter, false, v_now), 'now', v_now, 'expired', v_expired);
  END IF;
  v_found := find_lock_conflicts(p_request, p_free, p_overlapping, p_waiter);
  v_expired := coalesce(v_found.expired, v_expired);
  IF v_found.undecided IS NOT NULL THEN
    RETURN jsonb_build_object('undecided', describe_undecided(v_found.undecided), 'expired', v_expired);
  END IF;
  IF v_found.blocking IS NULL THEN
    RETURN jsonb_build_object('granted', grant_locks(p_request, p_waiter, v_found.is_near, v_found.seen_at),
                              'elsewhere', v_found.is_elsewhere, 'now', v_found.seen_at, 'expired', v_expired);
  END IF;
  v_dead := dead_agents(v_found.holders);
  IF v_dead IS NOT NULL THEN RETURN jsonb_build_object('dead', v_dead, 'expired', v_expired); END IF;

  IF p_wait THEN
    v_cycle := v_found.owners && coalesce(v_found.behind,
      owners_waiting_for(coalesce(p_request.session_id, p_request.agent_id), v_found.seen_at));
  END IF;
  IF p_wait AND NOT v_cycle THEN
    v_waiter := keep_queue_position(p_request, p_free, p_overlapping, p_waiter, v_found.owners, v_found.seen_at);
  ELSIF p_waiter IS NOT NULL THEN
    PERFORM leave_queue(p_waiter, '{}');
  END IF;
  RETURN jsonb_build_object(
    'conflicts', CASE WHEN p_describe OR v_cycle THEN describe_conflicts(v_found.blocking) ELSE '[]' END,
    'waiter', v_waiter::text, 'cycle', v_cycle, 'now', v_found.seen_at, 'expired', v_expired);
END $$;

-- The boards on which an agent holds something or waits for something, and that of its own project.
CREATE OR REPLACE FUNCTION boards_of_agent(p_agent text) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN ARRAY(
    SELECT project_id FROM agents WHERE id = p_agent
    UNION SELECT project_id FROM locks WHERE agent_id = p_agent AND ended_at IS NULL
    UNION SELECT unnest(boards) FROM lock_waiters WHERE agent_id = p_agent);
END $$;

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
  VALUES (v_agent.project_id, p_agent, 'agent_disconnected', v_agent.name, jsonb_build_object('reason', p_reason));
  RETURN jsonb_build_object('agent', p_agent, 'project', v_agent.project_id, 'locks', v_locks, 'sessions', v_sessions);
END $$;

-- Releases an owner's locks on these paths. Not waited for on the disk, unless somebody may be granted them: a release
-- that a crash forgets leaves a lock that expires, and the next holder's commit waits for both.
--   p_boards       of the paths
--   p_paths        each with its worktree, as in a request
--   p_lookup_keys  of the paths
-- (hint: index plans.)
CREATE OR REPLACE FUNCTION release_locks(
  p_boards text[], p_agent text, p_session text, p_paths text[], p_lookup_keys text[]
) RETURNS SETOF locks
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
  PERFORM lock_boards(p_boards);
  IF NOT EXISTS (SELECT 1 FROM queue_on_boards(p_boards)) THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  RETURN QUERY SELECT * FROM close_locks(ARRAY(
    SELECT l.id FROM (
      SELECT * FROM live_locks_by_key WHERE lookup_key = ANY(p_lookup_keys) OFFSET 0 -- (hint: fence)
    ) l
    WHERE NOT l.is_glob AND l.worktree || '/' || l.key = ANY(p_paths) AND l.expires_at > clock_timestamp()
      AND l.agent_id = p_agent AND is_same_owner(p_agent, p_session, l.agent_id, l.session_id)), 'released');
END $$;
