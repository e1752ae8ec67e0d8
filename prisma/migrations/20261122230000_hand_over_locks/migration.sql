-- A lock that is released goes to the next in the queue in the same transaction; and fewer statements for each grant.

-- Tokens from a sequence: they rise within a project because they are drawn in its turn, and no grant rewrites the
-- project's row.
CREATE SEQUENCE lock_tokens;
SELECT setval('lock_tokens', greatest((SELECT max(lock_token) FROM projects), 1));
ALTER TABLE projects DROP COLUMN lock_token;

-- The whole request of who waits, so that whoever ends a lock can grant it to the next. Those who wait now queue again.
TRUNCATE lock_waiters;
ALTER TABLE lock_waiters ADD COLUMN lock_ids text[] NOT NULL;
ALTER TABLE lock_waiters ADD COLUMN bases text[] NOT NULL;
ALTER TABLE lock_waiters ADD COLUMN points text[] NOT NULL;
ALTER TABLE lock_waiters ADD COLUMN ranges text[] NOT NULL;
ALTER TABLE lock_waiters ADD COLUMN life_seconds integer NOT NULL;
ALTER TABLE lock_waiters ADD COLUMN origin text NOT NULL;
-- Begins a task when it is granted: only its own process does that.
ALTER TABLE lock_waiters ADD COLUMN begins_task boolean NOT NULL;
-- Locks and waiters that were judged before; see acquire_locks.
ALTER TABLE lock_waiters ADD COLUMN free text[] NOT NULL;
ALTER TABLE lock_waiters ADD COLUMN overlapping text[] NOT NULL;

DROP FUNCTION acquire_locks;
DROP FUNCTION release_locks;
DROP FUNCTION leave_queue;
DROP FUNCTION wake_waiters;

-- Waits for the project's turn among all that grant or end locks. Whoever ends locks takes it before it touches a row:
-- two that lock the same rows never meet.
CREATE FUNCTION take_turn(p_project text) RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(hashtextextended(p_project, 77)) $$;

-- Two names of one owner: the same agent, and not two of its sessions that know nothing of each other. A subagent's
-- session and the one it was started from are one owner; two subagents are not.
-- (In PL/pgSQL, which keeps its plan: a function in SQL is planned anew by every statement that calls it.)
CREATE OR REPLACE FUNCTION is_same_owner(p_agent text, p_session text, p_other_agent text, p_other_session text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p_agent <> p_other_agent THEN RETURN false; END IF;
  IF p_session IS NULL OR p_other_session IS NULL OR p_session = p_other_session THEN RETURN true; END IF;
  RETURN EXISTS (SELECT 1 FROM sessions s WHERE (s.id = p_session AND s.parent_id = p_other_session)
                                             OR (s.id = p_other_session AND s.parent_id = p_session));
END $$;

-- Leaves a notice for an agent and tells its process, which alone listens on the agent's channel.
CREATE OR REPLACE FUNCTION leave_notice(p_project text, p_agent text, p_kind text, p_message text, p_data jsonb) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO notices (project_id, agent_id, kind, message, data) VALUES (p_project, p_agent, p_kind, p_message, p_data);
  SELECT pg_notify('popstash_' || p_agent, 'notice:' || p_agent);
$$;

-- Locks all patterns for a session (or, without one, an agent), or none.
--   p_ids … p_globs   the requested patterns, one element each; p_ids are ids for new locks
--   p_points          bases at which a lock could overlap: each literal, and every folder above a literal or a glob
--   p_ranges          bases of the globs: whatever lies below them could overlap
--   p_free, p_overlapping   locks (by id) and waiters (w and their id) that the caller has judged before
--   p_task            opens the session p_session with this task when everything is granted
--   p_waiter          the caller's place in the queue; with p_wait, conflicts make it take or keep one
--   p_describe        whether conflicts are described or only known
--   p_handing         asked on behalf of that waiter by whoever ended a lock: null unless it is granted
-- Returns one of {granted, expired}, {unjudged: [{id, keys, globs}]}, {conflicts, waiter | cycle}, {disconnected};
-- nothing is changed in the last three but the place in the queue and what the clock has ended anyway.
CREATE FUNCTION acquire_locks(
  p_project text, p_agent text, p_session text, p_task text,
  p_ids text[], p_patterns text[], p_keys text[], p_bases text[], p_globs boolean[], p_points text[], p_ranges text[],
  p_mode text, p_life_seconds integer, p_origin text, p_free text[], p_overlapping text[],
  p_waiter bigint, p_wait boolean, p_describe boolean, p_handing boolean DEFAULT false
) RETURNS jsonb
-- A table of a few locks is one of thousands a minute later, under the same plan: never by reading it whole.
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  v_now timestamptz;
  v_owner text := coalesce(p_session, p_agent);
  v_expired jsonb := '[]';
  v_connected boolean;
  v_due boolean;
  v_queue boolean;
  v_holds boolean;
  v_candidates text[];
  v_more text[];
  v_blocking text[];
  v_waiting text[];
  v_unjudged jsonb;
  v_conflicts jsonb;
  v_waits_for text[];
  v_holder text;
  v_again boolean;
  v_granted jsonb;
  v_fresh text[] := '{}';
  v_lock locks;
  v_waiter bigint := p_waiter;
  v_range text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(p_project, 77));
  LOOP
    -- Not now(): that is when the transaction began to wait.
    v_now := clock_timestamp();
    SELECT a.status <> 'disconnected',
      EXISTS (SELECT 1 FROM lock_waiters w WHERE w.project_id = p_project AND (p_waiter IS NULL OR w.id < p_waiter)),
      found.others, coalesce(found.own, false), coalesce(found.due, false)
    INTO v_connected, v_queue, v_candidates, v_holds, v_due
    FROM agents a, LATERAL (
      SELECT array_agg(l.id) FILTER (WHERE (p_mode = 'exclusive' OR l.mode = 'exclusive')
               AND (l.agent_id <> p_agent OR NOT is_same_owner(p_agent, p_session, l.agent_id, l.session_id))) AS others,
             bool_or(l.agent_id = p_agent) AS own, bool_or(l.expires_at <= v_now) AS due
      FROM unnest(p_points) point, LATERAL (
        -- One look each (OFFSET 0): joined, they would be a filter over all locks of the project in some plans.
        SELECT * FROM locks l
        WHERE l.project_id = p_project AND l.ended_at IS NULL AND l.base COLLATE "C" = point OFFSET 0
      ) l
    ) found
    WHERE a.id = p_agent;
    IF v_connected IS NOT TRUE THEN RETURN jsonb_build_object('disconnected', true); END IF;
    FOREACH v_range IN ARRAY p_ranges LOOP
      SELECT array_agg(l.id) FILTER (WHERE (p_mode = 'exclusive' OR l.mode = 'exclusive')
               AND (l.agent_id <> p_agent OR NOT is_same_owner(p_agent, p_session, l.agent_id, l.session_id))),
             v_due OR coalesce(bool_or(l.expires_at <= v_now), false)
      INTO v_more, v_due FROM locks l
      WHERE l.project_id = p_project AND l.ended_at IS NULL
        AND l.base COLLATE "C" >= v_range AND l.base COLLATE "C" < v_range || chr(1114111);
      v_candidates := v_candidates || v_more;
      v_holds := true;
    END LOOP;
    IF v_due THEN
      -- What has come to an end is there for those that queue before anyone else asks for it: ended and looked at anew.
      SELECT v_expired || coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'pattern', e.pattern, 'agent', e.agent_id)), '[]')
      INTO v_expired FROM end_locks(ARRAY(
        SELECT id FROM locks WHERE ended_at IS NULL AND expires_at <= v_now AND project_id = p_project), 'expired') e;
      CONTINUE;
    END IF;

    -- Who queued before has the first claim, but for those that wait for this very owner, directly or through others.
    v_waiting := NULL;
    IF v_queue THEN
      WITH RECURSIVE live AS (
        SELECT * FROM lock_waiters w WHERE w.project_id = p_project AND w.alive_until > v_now
      ), behind AS (
        SELECT w.owner FROM live w WHERE v_owner = ANY(w.waits_for)
        UNION SELECT w.owner FROM behind b JOIN live w ON b.owner = ANY(w.waits_for)
      )
      SELECT array_agg('w' || w.id) INTO v_waiting FROM live w
      WHERE w.owner <> v_owner AND (p_waiter IS NULL OR w.id < p_waiter)
        AND (p_mode = 'exclusive' OR w.mode = 'exclusive')
        -- Paths against paths are judged here.
        AND (w.keys && p_keys OR true = ANY(w.globs) OR true = ANY(p_globs))
        AND w.owner NOT IN (SELECT owner FROM behind)
        AND NOT is_same_owner(p_agent, p_session, w.agent_id, w.session_id);
    END IF;
    EXIT WHEN v_candidates IS NULL AND v_waiting IS NULL;

    SELECT jsonb_agg(u) INTO v_unjudged FROM (
      SELECT l.id, ARRAY[l.key] AS keys, ARRAY[l.is_glob] AS globs FROM locks l
      WHERE l.id = ANY(v_candidates) AND (l.is_glob OR NOT l.key = ANY(p_keys))
        AND NOT l.id = ANY(p_free) AND NOT l.id = ANY(p_overlapping)
      UNION ALL
      SELECT 'w' || w.id, w.keys, w.globs FROM lock_waiters w
      WHERE w.project_id = p_project AND 'w' || w.id = ANY(v_waiting) AND NOT w.keys && p_keys
        AND NOT 'w' || w.id = ANY(p_free) AND NOT 'w' || w.id = ANY(p_overlapping)
    ) u;
    IF v_unjudged IS NOT NULL THEN
      IF p_handing THEN RETURN NULL; END IF;
      RETURN jsonb_build_object('unjudged', v_unjudged, 'expired', v_expired);
    END IF;
    -- What is not judged free overlaps: judged so, or the same literal path.
    SELECT array_agg(DISTINCT c) INTO v_blocking FROM unnest(v_candidates || v_waiting) c WHERE NOT c = ANY(p_free);
    EXIT WHEN v_blocking IS NULL;
    IF p_handing THEN RETURN NULL; END IF;

    -- A holder whose process is gone holds nothing.
    v_again := false;
    FOR v_holder IN
      SELECT DISTINCT agent_id FROM locks WHERE id = ANY(v_blocking)
      -- Of those in the queue the first one is enough: it is the one that would hold up the others.
      UNION (SELECT agent_id FROM lock_waiters WHERE project_id = p_project AND 'w' || id = ANY(v_waiting) ORDER BY id LIMIT 1)
    LOOP
      IF lost_proof(v_holder) = 'gone' THEN
        PERFORM disconnect_agent(v_holder, 'its process is gone');
        v_again := true;
      END IF;
    END LOOP;
    IF v_again THEN CONTINUE; END IF;

    IF p_wait THEN
      SELECT array_agg(DISTINCT o.owner) INTO v_waits_for FROM (
        SELECT coalesce(session_id, agent_id) AS owner FROM locks WHERE id = ANY(v_blocking)
        UNION ALL SELECT owner FROM lock_waiters WHERE project_id = p_project AND 'w' || id = ANY(v_blocking)
      ) o;
    END IF;
    IF p_wait AND EXISTS (
      WITH RECURSIVE reached AS (
        SELECT unnest(v_waits_for) AS owner
        UNION SELECT unnest(w.waits_for) FROM reached r
          JOIN lock_waiters w ON w.owner = r.owner AND w.project_id = p_project AND w.alive_until > v_now
      ) SELECT 1 FROM reached WHERE owner = v_owner
    ) THEN
      PERFORM leave_queue(p_waiter, '{}');
      RETURN jsonb_build_object('conflicts', describe_blocking(p_project, v_blocking), 'cycle', true, 'now', v_now,
                                'expired', v_expired);
    ELSIF p_wait THEN
      -- A place is kept by asking again; who stops asking loses it.
      UPDATE lock_waiters SET waits_for = v_waits_for, alive_until = v_now + interval '5 seconds',
        free = p_free, overlapping = p_overlapping WHERE id = p_waiter;
      IF NOT FOUND THEN
        INSERT INTO lock_waiters (project_id, agent_id, session_id, owner, lock_ids, patterns, keys, bases, globs, points,
          ranges, mode, life_seconds, origin, begins_task, free, overlapping, waits_for, queued_at, alive_until)
        VALUES (p_project, p_agent, p_session, v_owner, p_ids, p_patterns, p_keys, p_bases, p_globs, p_points,
          p_ranges, p_mode, p_life_seconds, p_origin, p_task IS NOT NULL, p_free, p_overlapping, v_waits_for, v_now,
          v_now + interval '5 seconds')
        RETURNING id INTO v_waiter;
      END IF;
    ELSIF p_waiter IS NOT NULL THEN
      PERFORM leave_queue(p_waiter, '{}');
      v_waiter := NULL;
    END IF;
    RETURN jsonb_build_object(
      'conflicts', CASE WHEN p_describe THEN describe_blocking(p_project, v_blocking) ELSE '[]' END,
      'waiter', v_waiter::text, 'now', v_now, 'expired', v_expired);
  END LOOP;

  IF p_task IS NOT NULL THEN
    INSERT INTO sessions (id, project_id, agent_id, task) VALUES (p_session, p_project, p_agent, p_task);
    UPDATE agents SET current_task = p_task, last_seen_at = v_now WHERE id = p_agent;
    INSERT INTO activities (project_id, agent_id, session_id, type, description)
    VALUES (p_project, p_agent, p_session, 'task_started', left('Started: ' || p_task, 300));
  END IF;
  -- Who waited behind this place waits for these locks now.
  IF p_waiter IS NOT NULL THEN DELETE FROM lock_waiters WHERE id = p_waiter; END IF;
  IF cardinality(p_ids) > 0 AND NOT v_holds THEN
    WITH fresh AS (
      INSERT INTO locks (id, project_id, agent_id, session_id, pattern, key, base, is_glob, mode, origin, token,
                         life_seconds, acquired_at, expires_at)
      SELECT q.id, p_project, p_agent, p_session, q.pattern, q.key, q.base, q.is_glob, p_mode, p_origin,
             nextval('lock_tokens'), p_life_seconds, v_now, v_now + make_interval(secs => p_life_seconds)
      FROM unnest(p_ids, p_patterns, p_keys, p_bases, p_globs) AS q (id, pattern, key, base, is_glob)
      RETURNING *
    ), granted AS (
      SELECT jsonb_agg(jsonb_build_object('id', id, 'pattern', pattern, 'mode', mode, 'token', token,
               'acquired', acquired_at, 'expires', expires_at)) AS locks, string_agg(pattern, ', ') AS patterns
      FROM fresh
    ), logged AS (
      INSERT INTO activities (project_id, agent_id, session_id, type, description, metadata)
      SELECT p_project, p_agent, p_session, 'lock_acquired', left('Locked: ' || patterns, 300),
             jsonb_build_object('locks', locks, 'mode', p_mode, 'origin', p_origin) FROM granted
    ) SELECT locks INTO v_granted FROM granted;
  ELSIF cardinality(p_ids) > 0 THEN
    v_granted := '[]';
    FOR i IN 1 .. cardinality(p_ids) LOOP
      v_lock := NULL;
      -- Held already, perhaps as part of the whole agent: it lives on, under the same token unless it becomes stronger.
      -- (|| '' keeps the index of agents out: this one may hold thousands.)
      SELECT * INTO v_lock FROM locks l
      WHERE l.project_id = p_project AND l.ended_at IS NULL AND l.base COLLATE "C" = p_bases[i] AND l.key = p_keys[i]
        AND l.is_glob = p_globs[i] AND l.agent_id || '' = p_agent AND is_same_owner(p_agent, p_session, l.agent_id, l.session_id)
      ORDER BY l.mode, l.token LIMIT 1;
      IF v_lock.id IS NOT NULL THEN
        UPDATE locks SET
          mode = CASE WHEN p_mode = 'exclusive' THEN 'exclusive' ELSE mode END,
          token = CASE WHEN p_mode = 'exclusive' AND mode = 'shared' THEN nextval('lock_tokens') ELSE token END,
          session_id = coalesce(session_id, p_session),
          origin = CASE WHEN p_origin = 'tool' THEN 'tool' ELSE origin END,
          life_seconds = p_life_seconds, warned_at = NULL,
          expires_at = greatest(expires_at, v_now + make_interval(secs => p_life_seconds))
        WHERE id = v_lock.id RETURNING * INTO v_lock;
      ELSE
        INSERT INTO locks (id, project_id, agent_id, session_id, pattern, key, base, is_glob, mode, origin, token,
                           life_seconds, acquired_at, expires_at)
        VALUES (p_ids[i], p_project, p_agent, p_session, p_patterns[i], p_keys[i], p_bases[i], p_globs[i], p_mode,
                p_origin, nextval('lock_tokens'), p_life_seconds, v_now, v_now + make_interval(secs => p_life_seconds))
        RETURNING * INTO v_lock;
        v_fresh := v_fresh || v_lock.pattern;
      END IF;
      v_granted := v_granted || jsonb_build_object('id', v_lock.id, 'pattern', v_lock.pattern, 'mode', v_lock.mode,
        'token', v_lock.token, 'acquired', v_lock.acquired_at, 'expires', v_lock.expires_at);
    END LOOP;
    IF v_fresh <> '{}' THEN
      INSERT INTO activities (project_id, agent_id, session_id, type, description, metadata)
      VALUES (p_project, p_agent, p_session, 'lock_acquired', left('Locked: ' || array_to_string(v_fresh, ', '), 300),
              jsonb_build_object('locks', v_granted, 'mode', p_mode, 'origin', p_origin));
    END IF;
  END IF;
  RETURN jsonb_build_object('granted', coalesce(v_granted, '[]'), 'now', v_now, 'expired', v_expired);
END $$;

-- What stands in somebody's way, for people: locks by their id, places in the queue by w and theirs.
CREATE FUNCTION describe_blocking(p_project text, p_blocking text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT coalesce(jsonb_agg(c ORDER BY c.since), '[]') FROM (
    SELECT l.id, ARRAY[l.key] AS keys, ARRAY[l.is_glob] AS globs, ARRAY[l.pattern] AS patterns, l.mode,
           l.agent_id AS agent, l.session_id AS session, a.name, coalesce(s.task, a.current_task) AS task,
           l.acquired_at AS since, l.expires_at AS expires, greatest(s.last_active_at, a.last_seen_at) AS active,
           a.proof_lost_at IS NOT NULL AS suspected, false AS queued
    FROM locks l JOIN agents a ON a.id = l.agent_id LEFT JOIN sessions s ON s.id = l.session_id
    WHERE l.id = ANY(p_blocking)
    UNION ALL
    SELECT 'w' || w.id, w.keys, w.globs, w.patterns, w.mode, w.agent_id, w.session_id, a.name,
           coalesce(s.task, a.current_task), w.queued_at, w.alive_until, greatest(s.last_active_at, a.last_seen_at),
           a.proof_lost_at IS NOT NULL, true
    FROM lock_waiters w JOIN agents a ON a.id = w.agent_id LEFT JOIN sessions s ON s.id = w.session_id
    WHERE w.project_id = p_project AND 'w' || w.id = ANY(p_blocking)
  ) c);
END $$;

-- Something of this owner's has come to an end: whoever waits for it, and for nobody that queued before, is granted its
-- locks here and told so. A waiter that begins a task, has not looked for a second or may be dead, or has globs to
-- compare, is only told that its turn has come. Needs the project's turn.
CREATE FUNCTION hand_over(p_project text, p_agent text, p_owner text) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  v_waiter lock_waiters;
  v_before text[] := '{}';
  v_granted jsonb;
  v_waited boolean := false;
  v_ids text[];
  v_keys text[];
BEGIN
  FOR v_waiter IN
    SELECT * FROM lock_waiters WHERE project_id = p_project AND alive_until > clock_timestamp() ORDER BY id
  LOOP
    IF p_owner = ANY(v_waiter.waits_for) AND NOT v_waiter.waits_for && v_before THEN
      v_granted := NULL;
      IF NOT v_waiter.begins_task AND v_waiter.alive_until > clock_timestamp() + interval '4 seconds'
         AND lost_proof(v_waiter.agent_id) = 'no' THEN
        v_granted := acquire_locks(p_project, v_waiter.agent_id, v_waiter.session_id, NULL, v_waiter.lock_ids,
          v_waiter.patterns, v_waiter.keys, v_waiter.bases, v_waiter.globs, v_waiter.points, v_waiter.ranges,
          v_waiter.mode, v_waiter.life_seconds, v_waiter.origin, v_waiter.free, v_waiter.overlapping, v_waiter.id,
          false, false, true);
      END IF;
      IF NOT v_granted ? 'granted' THEN v_granted := NULL; END IF;
      -- One that does not fit into a signal (8,000 bytes) is found by asking again: it is held by then.
      PERFORM pg_notify('popstash_' || v_waiter.agent_id, CASE
        WHEN octet_length(v_granted::text) < 7500
        THEN 'granted:' || v_waiter.owner || ':' || v_waiter.id || ':' || v_granted ELSE 'turn:' || v_waiter.owner END);
    END IF;
    v_waited := v_waited OR p_owner = ANY(v_waiter.waits_for);
    v_before := v_before || v_waiter.owner;
  END LOOP;
  -- Who is left in the queue no longer waits for this owner, unless it has something else in the way.
  IF v_waited THEN
    SELECT coalesce(array_agg(l.id), '{}'), coalesce(array_agg(l.key), '{}') INTO v_ids, v_keys FROM locks l
    WHERE l.agent_id = p_agent AND l.ended_at IS NULL AND coalesce(l.session_id, l.agent_id) = p_owner;
    UPDATE lock_waiters w SET waits_for = array_remove(w.waits_for, p_owner)
    WHERE w.project_id = p_project AND p_owner = ANY(w.waits_for) AND NOT w.overlapping && v_ids AND NOT w.keys && v_keys
      AND NOT EXISTS (SELECT 1 FROM lock_waiters e WHERE e.project_id = p_project AND e.owner = p_owner AND e.id < w.id);
  END IF;
END $$;

-- Gives up a place in the queue, for whatever reason but a grant: those behind may move up. When the place is gone
-- because its locks were granted meanwhile, those (p_locks, the ids it asked with) are released.
CREATE FUNCTION leave_queue(p_waiter bigint, p_locks text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_left lock_waiters;
BEGIN
  PERFORM take_turn(project_id) FROM lock_waiters WHERE id = p_waiter;
  DELETE FROM lock_waiters WHERE id = p_waiter RETURNING * INTO v_left;
  IF v_left.id IS NOT NULL THEN
    PERFORM hand_over(v_left.project_id, v_left.agent_id, v_left.owner);
  ELSIF p_locks <> '{}' THEN
    PERFORM end_locks(p_locks, 'released');
  END IF;
END $$;

-- Ends live locks: the rows stay as history (a stale holder is known by them), the queue moves up, the holder is told
-- unless it let go itself. Locks that have ended already are passed over. Returns those that were ended.
CREATE OR REPLACE FUNCTION end_locks(p_ids text[], p_reason text, p_note text DEFAULT NULL) RETURNS SETOF locks
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  v_project text;
  v_ended locks[];
  v_queue boolean;
  v_group record;
BEGIN
  -- (Not IS NULL, here and below: an index of live locks would fit that, and be read whole.)
  FOR v_project IN
    SELECT DISTINCT project_id FROM locks WHERE id = ANY(p_ids) AND coalesce(ended_at, 'infinity') = 'infinity' ORDER BY 1
  LOOP
    PERFORM pg_advisory_xact_lock(hashtextextended(v_project, 77));
  END LOOP;
  WITH ended AS (
    UPDATE locks l SET ended_at = clock_timestamp(), end_reason = p_reason
    WHERE l.id = ANY(p_ids) AND coalesce(l.ended_at, 'infinity') = 'infinity' RETURNING l.*
  ), logged AS (
    INSERT INTO activities (project_id, agent_id, session_id, type, description, metadata)
    SELECT project_id, agent_id, session_id,
      CASE p_reason WHEN 'expired' THEN 'lock_expired' WHEN 'forced' THEN 'lock_forced' ELSE 'lock_released' END,
      left(CASE p_reason WHEN 'expired' THEN 'Expired: ' WHEN 'forced' THEN 'Released by force: ' ELSE 'Released: ' END
        || string_agg(pattern, ', ' ORDER BY pattern), 300),
      jsonb_strip_nulls(jsonb_build_object('reason', p_reason, 'note', p_note,
        'locks', jsonb_agg(jsonb_build_object('id', id, 'pattern', pattern, 'token', token))))
    FROM ended GROUP BY project_id, agent_id, session_id
  ) SELECT array_agg(e), EXISTS (SELECT 1 FROM lock_waiters) INTO v_ended, v_queue FROM ended e;
  IF v_ended IS NULL THEN RETURN; END IF;
  IF p_reason IN ('expired', 'forced') THEN
    FOR v_group IN
      SELECT e.project_id, e.agent_id, string_agg(e.pattern, ', ' ORDER BY e.pattern) AS patterns,
             jsonb_agg(jsonb_build_object('id', e.id, 'pattern', e.pattern, 'token', e.token)) AS locks
      FROM unnest(v_ended) e GROUP BY e.project_id, e.agent_id, e.session_id
    LOOP
      PERFORM leave_notice(v_group.project_id, v_group.agent_id, 'lock_lost',
        'Your lock on ' || left(v_group.patterns, 500) || CASE p_reason WHEN 'expired' THEN ' has expired.'
          ELSE ' was released by the user' || coalesce(': ' || p_note, '') || '.' END
          || ' Call acquire before you edit there again.',
        jsonb_build_object('locks', v_group.locks));
    END LOOP;
  END IF;
  IF v_queue THEN
    FOR v_group IN SELECT DISTINCT e.project_id, e.agent_id, coalesce(e.session_id, e.agent_id) AS owner FROM unnest(v_ended) e LOOP
      PERFORM hand_over(v_group.project_id, v_group.agent_id, v_group.owner);
    END LOOP;
  END IF;
  RETURN QUERY SELECT * FROM unnest(v_ended);
END $$;

-- Releases an owner's locks on these paths. Not waited for on the disk, unless somebody may be granted them: a release
-- that a crash forgets leaves a lock that expires, and whoever is granted the path after it waits for both.
CREATE FUNCTION release_locks(p_project text, p_agent text, p_session text, p_paths text[]) RETURNS SETOF locks
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(p_project, 77));
  IF NOT EXISTS (SELECT 1 FROM lock_waiters WHERE project_id = p_project) THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  RETURN QUERY SELECT * FROM end_locks(ARRAY(
    SELECT l.id FROM unnest(p_paths) path, LATERAL (
      -- By the index of bases (a path is its own base), not by the agent, who may hold thousands.
      SELECT * FROM locks WHERE project_id = p_project AND ended_at IS NULL AND base COLLATE "C" = path OFFSET 0
    ) l
    WHERE NOT l.is_glob AND l.key = path AND l.expires_at > clock_timestamp() AND l.agent_id = p_agent
      AND is_same_owner(p_agent, p_session, l.agent_id, l.session_id)), 'released');
END $$;

-- An agent is gone: its locks are free, its sessions abandoned, its places in queues empty. Null when it already was.
CREATE OR REPLACE FUNCTION disconnect_agent(p_agent text, p_reason text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  v_agent agents;
  v_locks jsonb;
  v_sessions jsonb;
BEGIN
  PERFORM take_turn(project_id) FROM agents WHERE id = p_agent;
  UPDATE agents SET status = 'disconnected', disconnected_at = now(), current_task = NULL, proof_lost_at = NULL
  WHERE id = p_agent AND status <> 'disconnected' RETURNING * INTO v_agent;
  IF v_agent.id IS NULL THEN RETURN NULL; END IF;
  -- Its places first: it is not to be granted anything by its own locks' end.
  PERFORM leave_queue(id, '{}') FROM lock_waiters WHERE project_id = v_agent.project_id AND agent_id = p_agent;
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'pattern', e.pattern)), '[]') INTO v_locks
  FROM end_locks(ARRAY(SELECT id FROM locks WHERE agent_id = p_agent AND ended_at IS NULL), 'disconnected', p_reason) e;
  WITH ended AS (
    UPDATE sessions SET status = 'abandoned', ended_at = now() WHERE agent_id = p_agent AND status = 'active'
    RETURNING id, task
  ), logged AS (
    INSERT INTO activities (project_id, agent_id, session_id, type, description, metadata)
    SELECT v_agent.project_id, p_agent, id, 'task_abandoned', left('Abandoned: ' || task, 300),
           jsonb_build_object('reason', p_reason) FROM ended
  ) SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'task', task)), '[]') INTO v_sessions FROM ended;
  INSERT INTO activities (project_id, agent_id, type, description, metadata)
  VALUES (v_agent.project_id, p_agent, 'agent_disconnected', 'Disconnected: ' || v_agent.name,
          jsonb_build_object('reason', p_reason));
  RETURN jsonb_build_object('agent', p_agent, 'project', v_agent.project_id, 'locks', v_locks, 'sessions', v_sessions);
END $$;
