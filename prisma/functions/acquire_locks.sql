-- Locks all patterns for a session (or, without one, an agent), or none.
--   p_ids … p_globs   the requested patterns, one element each; p_ids are ids for new locks
--   p_points          places at which a lock could overlap: of each literal, and of every folder above a literal or a glob
--   p_ranges          places of the globs: whatever lies below them could overlap
--   p_free, p_overlapping   locks (by id) and waiters (w and their id) that the caller has judged before
--   p_task            opens the session p_session with this task when everything is granted
--   p_waiter          the caller's place in the queue; with p_wait, conflicts make it take or keep one
--   p_describe        whether conflicts are described or only known
--   p_handing         asked on behalf of that waiter by whoever ended a lock: null unless it is granted
-- Returns one of {granted, expired}, {unjudged: [{id, keys, globs}]}, {conflicts, waiter | cycle}, {disconnected};
-- nothing is changed in the last three but the place in the queue and what the clock has ended anyway.
CREATE OR REPLACE FUNCTION acquire_locks(
  p_project text, p_agent text, p_session text, p_task text,
  p_ids text[], p_patterns text[], p_keys text[], p_bases text[], p_globs boolean[], p_points text[], p_ranges text[],
  p_mode text, p_life_seconds integer, p_origin text, p_free text[], p_overlapping text[],
  p_waiter bigint, p_wait boolean, p_describe boolean, p_handing boolean
) RETURNS jsonb
-- A table of a few locks is one of thousands a minute later, under the same plan: never by reading it whole.
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  v_now timestamptz;
  v_owner text := coalesce(p_session, p_agent);
  v_connected boolean;
  v_expired jsonb := '[]';
  v_due boolean;
  v_holds boolean;
  v_lock record;
  v_behind text[];
  v_place record;
  -- What only the caller can compare, and what of it is not compared yet.
  v_candidates text[];
  v_unjudged text[];
  -- What stands in the way: locks and places, their owners, and the agents that may be dead.
  v_blocking text[];
  v_owners text[];
  v_holders text[];
  v_met text[];
  v_holder text;
  v_again boolean;
  v_waiter bigint := p_waiter;
  v_held locks;
  v_granted jsonb := '[]';
  v_fresh text[] := '{}';
BEGIN
  PERFORM lock_project(p_project);
  LOOP
    -- Not now(): that is when the transaction began to wait.
    v_now := clock_timestamp();
    SELECT status <> 'disconnected' INTO v_connected FROM agents WHERE id = p_agent;
    IF v_connected IS NOT TRUE THEN RETURN jsonb_build_object('disconnected', true); END IF;
    v_due := false;
    v_holds := false;
    v_candidates := '{}';
    v_blocking := '{}';
    v_owners := '{}';
    v_holders := '{}';

    FOR v_lock IN
      SELECT id, agent_id, session_id, key, is_glob, mode, expires_at FROM locks
      WHERE ended_at IS NULL AND base IS NOT NULL AND (project_id || '/' || base) COLLATE "C" = ANY(p_points)
      UNION ALL
      SELECT l.* FROM unnest(p_ranges) range, LATERAL (
        SELECT id, agent_id, session_id, key, is_glob, mode, expires_at FROM locks
        WHERE ended_at IS NULL AND base IS NOT NULL AND (project_id || '/' || base) COLLATE "C" >= range
          AND (project_id || '/' || base) COLLATE "C" < range || chr(1114111)
          AND NOT (project_id || '/' || base) COLLATE "C" = ANY(p_points)
        OFFSET 0
      ) l
    LOOP
      v_due := v_lock.expires_at <= v_now;
      EXIT WHEN v_due;
      IF v_lock.agent_id = p_agent THEN
        v_holds := true;
        CONTINUE WHEN is_same_owner(p_agent, p_session, v_lock.agent_id, v_lock.session_id);
      END IF;
      CONTINUE WHEN p_mode = 'shared' AND v_lock.mode = 'shared';
      IF v_lock.is_glob OR NOT v_lock.key = ANY(p_keys) THEN
        v_candidates := v_candidates || v_lock.id;
      ELSE
        v_blocking := v_blocking || v_lock.id;
        v_owners := v_owners || coalesce(v_lock.session_id, v_lock.agent_id);
        v_holders := v_holders || v_lock.agent_id;
      END IF;
    END LOOP;
    IF v_due THEN
      -- What has come to an end is there for those that queue before anyone else asks for it: ended and looked at anew.
      SELECT v_expired || coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'pattern', e.pattern, 'agent', e.agent_id)), '[]')
      INTO v_expired FROM close_locks(ARRAY(
        SELECT id FROM locks WHERE ended_at IS NULL AND expires_at <= v_now AND project_id = p_project), 'expired') e;
      CONTINUE;
    END IF;

    -- Who queued before has the first claim, but for those that wait for this very owner, directly or through others.
    v_behind := NULL;
    v_holder := NULL;
    FOR v_place IN
      SELECT id, agent_id, session_id, owner, keys FROM lock_waiters
      WHERE project_id = p_project AND alive_until > v_now AND (p_waiter IS NULL OR id < p_waiter) AND owner <> v_owner
        AND (p_mode = 'exclusive' OR mode = 'exclusive')
        -- Paths against paths are judged here.
        AND (keys && p_keys OR true = ANY(globs) OR true = ANY(p_globs))
      ORDER BY id
    LOOP
      CONTINUE WHEN v_place.agent_id = p_agent
        AND is_same_owner(p_agent, p_session, v_place.agent_id, v_place.session_id);
      v_behind := coalesce(v_behind, who_waits_for(p_project, v_owner, v_now));
      CONTINUE WHEN v_place.owner = ANY(v_behind);
      -- Of those in the queue the first one is enough: it is the one that would hold up the others.
      v_holder := coalesce(v_holder, v_place.agent_id);
      IF NOT v_place.keys && p_keys THEN
        v_candidates := v_candidates || ('w' || v_place.id);
      ELSE
        v_blocking := v_blocking || ('w' || v_place.id);
        v_owners := v_owners || v_place.owner;
      END IF;
    END LOOP;

    IF v_candidates <> '{}' THEN
      v_unjudged := ARRAY(
        SELECT unnest(v_candidates) EXCEPT (SELECT unnest(p_free) UNION ALL SELECT unnest(p_overlapping)));
      IF v_unjudged <> '{}' THEN
        IF p_handing THEN RETURN NULL; END IF;
        RETURN jsonb_build_object('expired', v_expired, 'unjudged', (SELECT jsonb_agg(u) FROM (
          SELECT id, ARRAY[key] AS keys, ARRAY[is_glob] AS globs FROM locks WHERE id = ANY(v_unjudged)
          UNION ALL
          SELECT 'w' || id, keys, globs FROM lock_waiters WHERE project_id = p_project AND 'w' || id = ANY(v_unjudged)
        ) u));
      END IF;
      v_met := ARRAY(SELECT unnest(v_candidates) INTERSECT SELECT unnest(p_overlapping));
      IF v_met <> '{}' THEN
        v_blocking := v_blocking || v_met;
        SELECT v_owners || array_agg(owner), v_holders || array_agg(agent_id) FILTER (WHERE agent_id IS NOT NULL)
        INTO v_owners, v_holders FROM (
          SELECT coalesce(session_id, agent_id) AS owner, agent_id FROM locks WHERE id = ANY(v_met)
          UNION SELECT owner, NULL FROM lock_waiters WHERE project_id = p_project AND 'w' || id = ANY(v_met)
        ) met;
      END IF;
    END IF;
    EXIT WHEN v_blocking = '{}';
    IF p_handing THEN RETURN NULL; END IF;

    -- A holder whose process is gone holds nothing.
    v_again := false;
    FOR v_holder IN SELECT DISTINCT unnest(v_holders || v_holder) LOOP
      IF lost_proof(v_holder) = 'gone' THEN
        PERFORM disconnect_agent(v_holder, 'its process is gone');
        v_again := true;
      END IF;
    END LOOP;
    IF v_again THEN CONTINUE; END IF;

    IF p_wait AND v_owners && coalesce(v_behind, who_waits_for(p_project, v_owner, v_now)) THEN
      PERFORM leave_queue(p_waiter, '{}');
      RETURN jsonb_build_object('conflicts', describe_blocking(p_project, v_blocking), 'cycle', true, 'now', v_now,
                                'expired', v_expired);
    ELSIF p_wait THEN
      v_owners := ARRAY(SELECT DISTINCT unnest(v_owners));
      -- A place is kept by asking again; who stops asking loses it.
      IF p_waiter IS NOT NULL THEN
        UPDATE lock_waiters SET waits_for = v_owners, alive_until = v_now + interval '5 seconds',
          free = p_free, overlapping = p_overlapping WHERE id = p_waiter RETURNING id INTO v_waiter;
      END IF;
      IF v_waiter IS NULL THEN
        INSERT INTO lock_waiters (project_id, agent_id, session_id, owner, lock_ids, patterns, keys, bases, globs, points,
          ranges, mode, life_seconds, origin, begins_task, free, overlapping, waits_for, queued_at, alive_until)
        VALUES (p_project, p_agent, p_session, v_owner, p_ids, p_patterns, p_keys, p_bases, p_globs, p_points,
          p_ranges, p_mode, p_life_seconds, p_origin, p_task IS NOT NULL, p_free, p_overlapping, v_owners, v_now,
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
  FOR i IN 1 .. cardinality(p_ids) LOOP
    v_held := NULL;
    IF v_holds THEN
      -- Held already, perhaps as part of the whole agent: it lives on, under the same token unless it becomes stronger.
      -- (|| '' keeps the index of agents out: this one may hold thousands.)
      SELECT * INTO v_held FROM locks l
      WHERE l.ended_at IS NULL AND l.base IS NOT NULL AND (l.project_id || '/' || l.base) COLLATE "C" = p_project || '/' || p_bases[i]
        AND l.key = p_keys[i] AND l.is_glob = p_globs[i] AND l.agent_id || '' = p_agent
        AND is_same_owner(p_agent, p_session, l.agent_id, l.session_id)
      ORDER BY l.mode, l.token LIMIT 1;
    END IF;
    IF v_held.id IS NOT NULL THEN
      UPDATE locks SET
        mode = CASE WHEN p_mode = 'exclusive' THEN 'exclusive' ELSE mode END,
        token = CASE WHEN p_mode = 'exclusive' AND mode = 'shared' THEN nextval('lock_tokens') ELSE token END,
        session_id = coalesce(session_id, p_session),
        origin = CASE WHEN p_origin = 'tool' THEN 'tool' ELSE origin END,
        life_seconds = p_life_seconds, warned_at = NULL,
        expires_at = greatest(expires_at, v_now + make_interval(secs => p_life_seconds))
      WHERE id = v_held.id RETURNING * INTO v_held;
    ELSE
      INSERT INTO locks (id, project_id, agent_id, session_id, pattern, key, base, is_glob, mode, origin, token,
                         life_seconds, acquired_at, expires_at)
      VALUES (p_ids[i], p_project, p_agent, p_session, p_patterns[i], p_keys[i], p_bases[i], p_globs[i], p_mode,
              p_origin, nextval('lock_tokens'), p_life_seconds, v_now, v_now + make_interval(secs => p_life_seconds))
      RETURNING * INTO v_held;
      v_fresh := v_fresh || v_held.pattern;
    END IF;
    v_granted := v_granted || jsonb_build_object('id', v_held.id, 'pattern', v_held.pattern, 'mode', v_held.mode,
      'token', v_held.token, 'acquired', v_held.acquired_at, 'expires', v_held.expires_at);
  END LOOP;
  IF v_fresh <> '{}' THEN
    INSERT INTO activities (project_id, agent_id, session_id, type, description, metadata)
    VALUES (p_project, p_agent, p_session, 'lock_acquired', left('Locked: ' || array_to_string(v_fresh, ', '), 300),
            jsonb_build_object('locks', v_granted, 'mode', p_mode, 'origin', p_origin));
  END IF;
  RETURN jsonb_build_object('granted', v_granted, 'now', v_now, 'expired', v_expired);
END $$;
