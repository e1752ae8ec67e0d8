-- Older versions that still run can't lock files any more: acquire_locks has another argument.
-- A process renews all its positions in the queue by one row, and a position knows only the nearest of those before it.

-- Positions in the queue last for seconds: those who wait queue again.
DELETE FROM lock_waiters;
ALTER TABLE lock_waiters DROP COLUMN alive_until, ADD COLUMN sole_key text COLLATE "C", ADD COLUMN keeper text NOT NULL;
CREATE INDEX lock_waiters_sole_key_idx ON lock_waiters (sole_key, id) WHERE sole_key IS NOT NULL;
CREATE INDEX lock_waiters_several_idx ON lock_waiters (board, id) WHERE sole_key IS NULL;

-- Not logged, as the positions.
CREATE UNLOGGED TABLE lock_waits (
  owner  text NOT NULL,
  waiter bigint NOT NULL,
  PRIMARY KEY (owner, waiter)
);
CREATE UNLOGGED TABLE queue_keepers (
  id          text PRIMARY KEY,
  alive_until timestamptz NOT NULL,
  looked_at   timestamptz
);

-- == Functions and views, as in prisma/functions

DROP FUNCTION acquire_locks(p_request lock_request, p_free text[], p_overlapping text[], p_waiter bigint, p_wait boolean, p_describe boolean);
DROP FUNCTION find_lock_conflicts(p_request lock_request, p_free text[], p_overlapping text[], p_waiter bigint, OUT seen_at timestamp with time zone, OUT is_near boolean, OUT is_elsewhere boolean, OUT undecided text[], OUT blocking text[], OUT owners text[], OUT holders text[], OUT behind text[], OUT expired jsonb);
DROP FUNCTION find_queue_conflicts(p_request lock_request, p_waiter bigint, p_now timestamp with time zone, OUT candidates text[], OUT blocking text[], OUT owners text[], OUT holder text, OUT behind text[]);
DROP FUNCTION grant_waiter(p_waiter lock_waiters);
DROP FUNCTION keep_queue_position(p_request lock_request, p_free text[], p_overlapping text[], p_waiter bigint, p_owners text[], p_now timestamp with time zone);
DROP FUNCTION owners_waiting_for(p_owner text, p_now timestamp with time zone);

-- What blocks a request, as people ask about it: locks by their id, positions in the queue by w and theirs; the twenty that
-- are there longest. denies: the boards whose locks exclude across worktrees.
CREATE OR REPLACE FUNCTION describe_conflicts(p_blocking text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_ids text[] := ARRAY(
    SELECT id FROM (
      SELECT id, acquired_at AS since FROM locks WHERE id = ANY(p_blocking)
      UNION ALL SELECT 'w' || id, queued_at FROM lock_waiters WHERE id = ANY(queue_positions(p_blocking))
    ) oldest ORDER BY since LIMIT 20);
BEGIN
  RETURN (SELECT coalesce(jsonb_agg(c ORDER BY c.since), '[]') FROM (
    SELECT l.id, ARRAY[l.project_id] AS boards, ARRAY[l.worktree] AS worktrees, ARRAY[l.key] AS keys,
           ARRAY[l.is_glob] AS globs, denying_boards(ARRAY[l.project_id]) AS denies, ARRAY[l.pattern] AS patterns, l.mode,
           l.agent_id AS agent, l.session_id AS session, a.name,
           agent_facts(a) AS holder, coalesce(s.task, a.current_task) AS task,
           l.acquired_at AS since, l.expires_at AS expires, greatest(s.last_active_at, a.last_seen_at) AS active,
           a.suspected_at IS NOT NULL AS suspected, false AS queued
    FROM locks l JOIN agents a ON a.id = l.agent_id LEFT JOIN sessions s ON s.id = l.session_id
    WHERE l.id = ANY(v_ids)
    UNION ALL
    SELECT 'w' || w.id, (w.request).boards, (w.request).worktrees, (w.request).keys, (w.request).globs,
           denying_boards((w.request).boards), (w.request).patterns, (w.request).mode, w.agent_id, (w.request).session_id,
           a.name, agent_facts(a), coalesce(s.task, a.current_task), w.queued_at, w.queued_at,
           greatest(s.last_active_at, a.last_seen_at), a.suspected_at IS NOT NULL, true
    FROM lock_waiters w JOIN agents a ON a.id = w.agent_id LEFT JOIN sessions s ON s.id = (w.request).session_id
    WHERE w.id = ANY(queue_positions(v_ids))
  ) c);
END $$;

-- Deletes a position in the queue with what it waits for. Returns it; null when it was gone. Under the boards' locks.
CREATE OR REPLACE FUNCTION delete_position(p_waiter bigint) RETURNS lock_waiters
LANGUAGE plpgsql AS $$
DECLARE
  v_deleted lock_waiters;
BEGIN
  DELETE FROM lock_waiters WHERE id = p_waiter RETURNING * INTO v_deleted;
  DELETE FROM lock_waits WHERE owner = ANY(v_deleted.waits_for) AND waiter = p_waiter;
  RETURN v_deleted;
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
  IF p_waiter IS NOT NULL THEN PERFORM delete_position(p_waiter); END IF;
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

-- Positions in the queue whose process renews them (see keep_queue). Others are passed over, and deleted some seconds later.
CREATE OR REPLACE VIEW kept_positions AS
  SELECT w.* FROM lock_waiters w
  WHERE EXISTS (SELECT 1 FROM queue_keepers k WHERE k.id = w.keeper AND k.alive_until > clock_timestamp());

-- Records for which owners a position in the queue waits. Under the boards' locks.
CREATE OR REPLACE FUNCTION set_waits(p_waiter bigint, p_owners text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_before text[];
BEGIN
  SELECT waits_for INTO v_before FROM lock_waiters WHERE id = p_waiter;
  IF v_before @> p_owners AND v_before <@ p_owners THEN RETURN; END IF;
  DELETE FROM lock_waits WHERE owner = ANY(v_before) AND waiter = p_waiter AND owner <> ALL(p_owners);
  INSERT INTO lock_waits (owner, waiter) SELECT owner, p_waiter FROM unnest(p_owners) owner ON CONFLICT DO NOTHING;
  UPDATE lock_waiters SET waits_for = p_owners WHERE id = p_waiter;
END $$;

-- Called when something of this owner's on this board has ended: those who wait for it are granted their locks here, in the
-- order of asking, and told so; those that something else blocks wait for that from now on. Of many who wait for one path
-- only the first waits for its holder, and each other one for the one before it. A waiter that begins a task, whose process
-- has not renewed its positions for two seconds or may be dead, that asks on other boards too, or has globs to compare, is
-- only told to ask again. Under the board's lock.
CREATE OR REPLACE FUNCTION grant_next(p_board text, p_agent text, p_owner text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_waiter lock_waiters;
  v_found record;
  v_granted jsonb;
BEGIN
  FOR v_waiter IN
    -- By the agent too: a lock of the whole agent may have become one of its session meanwhile.
    SELECT w.* FROM lock_waits e JOIN lock_waiters w ON w.id = e.waiter
    WHERE e.owner IN (p_owner, p_agent) AND p_board = ANY(w.boards) ORDER BY w.id
  LOOP
    CONTINUE WHEN NOT EXISTS (SELECT 1 FROM kept_positions WHERE id = v_waiter.id);
    v_found := find_lock_conflicts(v_waiter.request, v_waiter.free, v_waiter.overlapping, v_waiter.id, false);
    -- What had expired may have been granted to it just now.
    CONTINUE WHEN NOT EXISTS (SELECT 1 FROM lock_waiters WHERE id = v_waiter.id);
    IF v_found.undecided IS NULL AND v_found.blocking IS NOT NULL THEN
      PERFORM set_waits(v_waiter.id, ARRAY(SELECT DISTINCT unnest(v_found.owners)));
      CONTINUE;
    END IF;
    v_granted := NULL;
    IF v_found.undecided IS NULL AND (v_waiter.request).task IS NULL AND v_waiter.boards = ARRAY[p_board]
       AND EXISTS (SELECT 1 FROM queue_keepers
                   WHERE id = v_waiter.keeper AND alive_until > clock_timestamp() + interval '3 seconds')
       AND agent_liveness(v_waiter.agent_id) = 'alive' THEN
      v_granted := jsonb_build_object(
        'granted', grant_locks(v_waiter.request, v_waiter.id, v_found.is_near, v_found.seen_at),
        'elsewhere', v_found.is_elsewhere, 'now', v_found.seen_at, 'expired', coalesce(v_found.expired, '[]'));
    END IF;
    -- What does not fit into a signal (8,000 bytes) is found by asking again: it is held by then.
    PERFORM pg_notify('popstash_' || v_waiter.agent_id, CASE
      WHEN octet_length(v_granted::text) < 7500
      THEN 'granted:' || v_waiter.owner || ':' || v_waiter.id || ':' || v_granted ELSE 'retry:' || v_waiter.owner END);
  END LOOP;
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
    PERFORM grant_next(v_lock.project_id, v_lock.agent_id, coalesce(v_lock.session_id, v_lock.agent_id));
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
    FROM unnest(v_ended) e
  LOOP
    PERFORM grant_next(v_group.project_id, v_group.agent_id, v_group.owner);
  END LOOP;
END $$;

-- The latest position in the queue before another one that may ask for something of the same as a request; null for none.
-- A request for one path alone is found by that path; those for several, and for globs, by their boards. Reads one entry of
-- an index for each path and board.
--   p_keys   lookup keys of a request of paths alone; null for one with globs, which may meet any
CREATE OR REPLACE FUNCTION latest_position(p_boards text[], p_keys text[], p_before bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p_keys IS NULL THEN
    RETURN (SELECT max(one.id) FROM unnest(p_boards) asked, LATERAL (
      SELECT id FROM lock_waiters WHERE board = asked AND id < p_before ORDER BY id DESC LIMIT 1) one);
  END IF;
  RETURN (SELECT max(id) FROM (
    SELECT one.id FROM unnest(p_keys) asked, LATERAL (
      SELECT id FROM lock_waiters WHERE sole_key = asked AND id < p_before ORDER BY id DESC LIMIT 1) one
    UNION ALL
    SELECT one.id FROM unnest(p_boards) asked, LATERAL (
      SELECT id FROM lock_waiters WHERE board = asked AND sole_key IS NULL AND id < p_before
      ORDER BY id DESC LIMIT 1) one
  ) latest);
END $$;

-- Owners in the queue that wait for this one, directly or through others, on any board.
CREATE OR REPLACE FUNCTION owners_waiting_for(p_owner text) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
  -- By far the most frequent.
  IF NOT EXISTS (SELECT 1 FROM lock_waits WHERE owner = p_owner) THEN RETURN '{}'; END IF;
  RETURN ARRAY(
    WITH RECURSIVE waiting AS (
      SELECT p_owner AS owner
      UNION
      SELECT w.owner FROM waiting b JOIN lock_waits e ON e.owner = b.owner JOIN kept_positions w ON w.id = e.waiter
    ) SELECT owner FROM waiting WHERE owner <> p_owner);
END $$;

-- Whether a literal prefix of one request and one of another lie on one board and below each other: what is apart by its
-- literal prefixes matches nothing in common. (a/** matches a.)
CREATE OR REPLACE FUNCTION prefixes_meet(
  p_boards text[], p_prefixes text[], p_other_boards text[], p_other_prefixes text[]
) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT 1 FROM unnest(p_boards, p_prefixes) AS a (board, prefix)
    JOIN unnest(p_other_boards, p_other_prefixes) AS b (board, prefix) ON a.board = b.board
    WHERE starts_with(a.prefix || '/', b.prefix) OR starts_with(b.prefix || '/', a.prefix));
END $$;

-- Earlier positions in the queue that ask for something of the same as a request, unless both are shared. Those who
-- queued before come first, except those that wait for this very owner, directly or through others: that would be a cycle.
-- Read from the latest to the earliest, up to one that asks for all of the same: it waits for the rest itself, so a long
-- queue for one path costs no more than a short one.
--   p_all       reads further, for those who ask how many there are
--   candidates  positions (w and their id) that may overlap: only the caller can compare globs
--   blocking    positions that overlap; owners: theirs
--   holder      the agent of the earliest of them: the one that would hold up the others if it were dead
--   behind      owners that wait for this one; null when there was no need to know
--   is_covered  the last that was read asks for all of the same: it waits for whatever else blocks the request
--   more        positions before those, as far as they ask for the same path; 0 unless p_all
CREATE OR REPLACE FUNCTION find_queue_conflicts(
  p_request lock_request, p_waiter bigint, p_all boolean,
  OUT candidates text[], OUT blocking text[], OUT owners text[], OUT holder text, OUT behind text[],
  OUT is_covered boolean, OUT more integer)
LANGUAGE plpgsql AS $$
DECLARE
  c_max_read CONSTANT integer := 100;
  v_owner text := coalesce(p_request.session_id, p_request.agent_id);
  v_boards text[] := p_request.boards || ''::text;
  v_is_literal boolean := NOT true = ANY(p_request.globs);
  v_keys text[] := CASE WHEN v_is_literal THEN ARRAY(
    SELECT DISTINCT board || '/' || key FROM unnest(p_request.boards, p_request.keys) AS asked (board, key)) END;
  v_id bigint := coalesce(p_waiter, 9223372036854775807);
  v_earlier record;
  v_read integer := 0;
BEGIN
  is_covered := false;
  more := 0;
  LOOP
    v_id := latest_position(v_boards, v_keys, v_id);
    EXIT WHEN v_id IS NULL;
    SELECT id, agent_id, owner, (request).session_id, (request).mode, (request).boards, (request).worktrees, (request).keys,
      (request).paths, (request).literal_prefixes, (request).globs
    INTO v_earlier FROM kept_positions WHERE id = v_id;
    CONTINUE WHEN v_earlier.id IS NULL OR v_earlier.owner = v_owner OR NOT v_earlier.boards && p_request.boards
      OR (p_request.mode = 'shared' AND v_earlier.mode = 'shared');
    CONTINUE WHEN v_earlier.agent_id = p_request.agent_id
      AND is_same_owner(p_request.agent_id, p_request.session_id, v_earlier.agent_id, v_earlier.session_id);
    -- Paths are compared with paths here: of one worktree, and of others for projects that exclude across.
    CONTINUE WHEN NOT v_earlier.worktrees && p_request.worktrees
      AND NOT v_earlier.boards && denying_boards(p_request.boards);
    IF NOT v_earlier.keys && p_request.keys THEN
      CONTINUE WHEN v_is_literal AND NOT true = ANY(v_earlier.globs);
      CONTINUE WHEN NOT prefixes_meet(v_earlier.boards, v_earlier.literal_prefixes, p_request.boards, p_request.literal_prefixes);
    END IF;
    behind := coalesce(behind, owners_waiting_for(v_owner));
    CONTINUE WHEN v_earlier.owner = ANY(behind);
    holder := v_earlier.agent_id;
    IF NOT v_earlier.paths && p_request.paths THEN
      candidates := candidates || ('w' || v_id);
    ELSE
      blocking := blocking || ('w' || v_id);
      owners := owners || v_earlier.owner;
    END IF;
    v_read := v_read + 1;
    IF p_all AND v_read >= c_max_read AND v_is_literal THEN
      SELECT count(*) INTO more FROM lock_waiters WHERE sole_key = ANY(v_keys) AND id < v_id;
      EXIT;
    END IF;
    is_covered := NOT p_all AND v_earlier.mode = 'exclusive' AND p_request.paths <@ v_earlier.paths
      AND (v_is_literal AND NOT true = ANY(v_earlier.globs)
        OR p_request.paths = v_earlier.paths AND p_request.globs = v_earlier.globs);
    EXIT WHEN is_covered;
  END LOOP;
END $$;

-- What blocks a request: live locks of other owners and earlier positions in the queue that overlap with it in the same
-- worktree (in any, where the project excludes across them), unless both are shared. First ends the locks whose time is
-- up, so that those who queue for them are granted them before. Under the boards' locks.
--   seen_at       the clock at which this holds, read under the lock (now() is when the transaction began to wait)
--   is_near       the agent holds a lock near by: what it asks for may be its own already
--   is_elsewhere  there are locks of others near by in other worktrees, which do not block
--   undecided     locks (by id) and positions (w and their id) that only the caller can compare, and has not compared yet
--   blocking      those that overlap; holders: their agents, which may be dead; owners: who has to be waited for (where one
--                 of them waits for all others itself, that one alone)
--   behind        owners that wait for this one; null when there was no need to know
--   expired       what was ended: [{id, pattern, agent}]
--   more          further positions in the queue that block it, beyond those in blocking; 0 unless p_all
-- p_all: all that block it, for those who ask about them; else of the queue only what is enough to know what it waits for.
CREATE OR REPLACE FUNCTION find_lock_conflicts(
  p_request lock_request, p_free text[], p_overlapping text[], p_waiter bigint, p_all boolean,
  OUT seen_at timestamptz, OUT is_near boolean, OUT is_elsewhere boolean, OUT undecided text[], OUT blocking text[],
  OUT owners text[], OUT holders text[], OUT behind text[], OUT expired jsonb, OUT more integer)
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
    is_near := false; is_elsewhere := false; v_due := false;
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
    v_candidates := NULL; blocking := NULL; owners := NULL; holders := NULL;
  END LOOP;

  v_queue := find_queue_conflicts(p_request, p_waiter, p_all);
  IF v_queue.holder IS NOT NULL THEN
    v_candidates := v_candidates || v_queue.candidates;
    blocking := blocking || v_queue.blocking;
    owners := CASE WHEN v_queue.is_covered THEN v_queue.owners ELSE owners || v_queue.owners END;
    holders := holders || v_queue.holder;
  END IF;
  behind := v_queue.behind; more := v_queue.more;
  IF v_candidates IS NOT NULL THEN
    v_decided := decide_candidates(v_candidates, p_free, p_overlapping);
    undecided := v_decided.undecided;
    blocking := blocking || v_decided.blocking;
    owners := owners || v_decided.owners;
    holders := holders || v_decided.holders;
  END IF;
END $$;

-- A sign of life of a process that keeps positions in the queue: all of them stand for five seconds more.
CREATE OR REPLACE FUNCTION renew_keeper(p_keeper text) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO queue_keepers (id, alive_until) VALUES (p_keeper, clock_timestamp() + interval '5 seconds')
  ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until;
$$;

-- Keeps a position in the queue, or takes one at its end when the request has none (any more). It stands for as long as
-- its process renews its keeper. Returns its id.
--   p_owners  of what blocks the request
CREATE OR REPLACE FUNCTION keep_queue_position(
  p_request lock_request, p_free text[], p_overlapping text[], p_waiter bigint, p_keeper text, p_owners text[],
  p_now timestamptz
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  v_owners text[] := ARRAY(SELECT DISTINCT unnest(p_owners));
  v_boards text[];
  v_waiter bigint;
BEGIN
  -- A process that has just begun to wait has not renewed it yet.
  IF NOT EXISTS (SELECT 1 FROM queue_keepers WHERE id = p_keeper AND alive_until > p_now + interval '4 seconds') THEN
    PERFORM renew_keeper(p_keeper);
  END IF;
  IF p_waiter IS NOT NULL THEN
    UPDATE lock_waiters SET free = p_free, overlapping = p_overlapping, keeper = p_keeper
    WHERE id = p_waiter RETURNING id INTO v_waiter;
  END IF;
  IF v_waiter IS NULL THEN
    v_boards := ARRAY(SELECT DISTINCT unnest(p_request.project_id || p_request.boards));
    INSERT INTO lock_waiters (project_id, board, boards, sole_key, agent_id, owner, keeper, request, free, overlapping,
      waits_for, queued_at)
    VALUES (p_request.project_id, CASE WHEN cardinality(v_boards) = 1 THEN v_boards[1] ELSE '' END, v_boards,
      CASE WHEN cardinality(p_request.keys) = 1 AND NOT p_request.globs[1]
        THEN p_request.boards[1] || '/' || p_request.keys[1] END,
      p_request.agent_id, coalesce(p_request.session_id, p_request.agent_id), p_keeper, p_request, p_free, p_overlapping,
      '{}', p_now)
    RETURNING id INTO v_waiter;
  END IF;
  PERFORM set_waits(v_waiter, v_owners);
  RETURN v_waiter;
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
  v_left := delete_position(p_waiter);
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
--   p_keeper               of the process that renews that position
--   p_describe             whether conflicts are described or only counted as such
-- A request with a task goes on in the agent's open session, whichever the caller named: of one agent (and of each of its
-- subagents) there is one task, also when two calls begin one at the same time.
-- Returns one of {granted, elsewhere, expired, task: {session, was}}, {undecided: [{id, boards, worktrees, keys, globs, denies}]},
-- {conflicts, count, waiter | cycle}, {dead: agents that block the request and are to be ended first}, {disconnected}; nothing is
-- changed in the last four but the position in the queue and what has expired anyway. elsewhere: locks in other worktrees
-- stood near by, of which the agent may have to be warned.
-- (hint: index plans.)
CREATE OR REPLACE FUNCTION acquire_locks(
  p_request lock_request, p_free text[], p_overlapping text[], p_waiter bigint, p_keeper text,
  p_wait boolean, p_describe boolean
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
  v_cycle boolean;
  v_open record;
  v_task jsonb;
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
    AND NOT EXISTS (SELECT 1 FROM lock_waiters WHERE sole_key = ANY(p_request.ancestor_keys))
    AND NOT EXISTS (SELECT 1 FROM lock_waiters WHERE board = ANY(p_request.boards || ''::text) AND sole_key IS NULL)
  INTO v_connected, v_is_alone FROM agents WHERE id = p_request.agent_id;
  IF v_connected IS NOT TRUE THEN RETURN jsonb_build_object('disconnected', true); END IF;
  IF p_request.task IS NOT NULL THEN
    SELECT id, task INTO v_open FROM sessions
    WHERE agent_id = p_request.agent_id AND status = 'active'
      AND subagent IS NOT DISTINCT FROM (SELECT subagent FROM sessions WHERE id = p_request.session_id)
    ORDER BY started_at DESC LIMIT 1;
    p_request.session_id := coalesce(v_open.id, p_request.session_id);
    v_task := jsonb_build_object('task', jsonb_build_object('session', p_request.session_id, 'was', v_open.task));
  END IF;
  IF v_is_alone THEN
    RETURN coalesce(v_task, '{}') || jsonb_build_object(
      'granted', grant_locks(p_request, p_waiter, false, v_now), 'now', v_now, 'expired', v_expired);
  END IF;
  v_found := find_lock_conflicts(p_request, p_free, p_overlapping, p_waiter, p_describe);
  v_expired := coalesce(v_found.expired, v_expired);
  IF v_found.undecided IS NOT NULL THEN
    RETURN jsonb_build_object('undecided', describe_undecided(v_found.undecided), 'expired', v_expired);
  END IF;
  IF v_found.blocking IS NULL THEN
    RETURN coalesce(v_task, '{}') || jsonb_build_object(
      'granted', grant_locks(p_request, p_waiter, v_found.is_near, v_found.seen_at), 'elsewhere', v_found.is_elsewhere,
      'now', v_found.seen_at, 'expired', v_expired);
  END IF;
  v_dead := dead_agents(v_found.holders);
  IF v_dead IS NOT NULL THEN RETURN jsonb_build_object('dead', v_dead, 'expired', v_expired); END IF;

  v_cycle := p_wait AND v_found.owners && coalesce(v_found.behind,
    owners_waiting_for(coalesce(p_request.session_id, p_request.agent_id)));
  IF p_wait AND NOT v_cycle THEN
    v_waiter := keep_queue_position(p_request, p_free, p_overlapping, p_waiter, p_keeper, v_found.owners, v_found.seen_at);
  ELSIF p_waiter IS NOT NULL THEN
    PERFORM leave_queue(p_waiter, '{}');
  END IF;
  RETURN jsonb_build_object(
    'conflicts', CASE WHEN p_describe OR v_cycle THEN describe_conflicts(v_found.blocking) ELSE '[]' END,
    'count', cardinality(v_found.blocking) + v_found.more, 'waiter', v_waiter::text, 'cycle', v_cycle, 'now', v_found.seen_at, 'expired', v_expired);
END $$;

-- A round of a process whose agents wait in the queue: renews all its positions by one row, and looks for what no signal
-- tells of. It changes nothing else, and takes no lock of a board. (hint: index plans.)
--   p_boards     those that the positions are on
--   p_positions  the process's own, to be looked at one by one; empty in most rounds
-- Returns {due: boards with locks whose time is up, dead: agents in the way whose process is dead, lapsed: whether a process has
-- just ceased to renew its positions, retry: those of p_positions that are gone, or that nothing
-- blocks any more}.
CREATE OR REPLACE FUNCTION keep_queue(p_keeper text, p_boards text[], p_positions bigint[]) RETURNS jsonb
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
  v_due text[];
  v_heads text[];
  v_dead text[];
  v_lapsed boolean;
  v_retry bigint[] := '{}';
BEGIN
  PERFORM renew_keeper(p_keeper);
  v_due := ARRAY(
    SELECT board FROM unnest(p_boards) board
    WHERE EXISTS (SELECT 1 FROM locks WHERE project_id = board AND ended_at IS NULL AND expires_at <= clock_timestamp()));
  -- Those at the head of a queue, and those for whom they wait: who is dead among them holds up all others. One process
  -- looks at a time, for all boards.
  IF NOT EXISTS (SELECT 1 FROM queue_keepers WHERE looked_at > clock_timestamp() - interval '400 milliseconds') THEN
    UPDATE queue_keepers SET looked_at = clock_timestamp() WHERE id = p_keeper;
    WITH queue AS MATERIALIZED (
      SELECT agent_id, owner, waits_for FROM kept_positions
    ), head AS MATERIALIZED (
      SELECT q.agent_id, q.waits_for FROM queue q
      WHERE NOT EXISTS (SELECT 1 FROM unnest(q.waits_for) awaited WHERE awaited IN (SELECT owner FROM queue))
    )
    SELECT array_agg(DISTINCT agent) INTO v_heads FROM (
      SELECT agent_id AS agent FROM head
      UNION SELECT coalesce((SELECT s.agent_id FROM sessions s WHERE s.id = awaited), awaited) FROM head, unnest(waits_for) awaited
    ) a JOIN agents ON agents.id = agent WHERE agents.has_liveness_lock;
    v_dead := dead_agents(v_heads);
  END IF;
  v_lapsed := EXISTS (
    SELECT 1 FROM queue_keepers k
    WHERE k.alive_until <= clock_timestamp() AND k.alive_until > clock_timestamp() - interval '3 seconds'
      AND EXISTS (SELECT 1 FROM lock_waiters w WHERE w.keeper = k.id));
  IF p_positions <> '{}' THEN
    v_retry := ARRAY(
      SELECT asked FROM unnest(p_positions) asked LEFT JOIN lock_waiters w ON w.id = asked
      WHERE w.id IS NULL OR NOT EXISTS (
        SELECT 1 FROM unnest(w.waits_for) awaited
        WHERE awaited IN (SELECT owner FROM kept_positions)
          OR EXISTS (
            SELECT 1 FROM locks l
            WHERE l.agent_id = coalesce((SELECT s.agent_id FROM sessions s WHERE s.id = awaited), awaited)
              AND l.ended_at IS NULL AND coalesce(l.session_id, l.agent_id) = awaited)));
  END IF;
  RETURN jsonb_build_object('due', v_due, 'dead', coalesce(v_dead, '{}'), 'lapsed', v_lapsed, 'retry', v_retry);
END $$;
