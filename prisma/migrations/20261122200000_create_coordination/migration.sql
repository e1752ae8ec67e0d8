-- Coordination: sessions, locks, their wait queue, announcements, notices.
-- Who may hold a lock is decided in acquire_locks, one transaction under the project's advisory lock, by the
-- database's clock. Whether two globs overlap is decided by the caller, who passes his judgements in.

-- The last fencing token given in the project: tokens only rise.
ALTER TABLE projects ADD COLUMN lock_token bigint NOT NULL DEFAULT 0;

-- Whether the agent's process holds the advisory lock of its id for as long as it lives (server mode), when that was
-- first seen missing, and the client's own name for its session.
ALTER TABLE agents ADD COLUMN proves_life boolean NOT NULL DEFAULT false;
ALTER TABLE agents ADD COLUMN proof_lost_at timestamptz;
ALTER TABLE agents ADD COLUMN client_session text;
-- Those that are there, among all that ever were: for sweeps, and for hooks that look for their agent.
CREATE INDEX agents_present_idx ON agents (host) WHERE status <> 'disconnected';
CREATE INDEX agents_client_session_idx ON agents (project_id, client_session) WHERE client_session IS NOT NULL;

CREATE TABLE sessions (
  id             text PRIMARY KEY,
  project_id     text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  agent_id       text NOT NULL REFERENCES agents(id) ON DELETE CASCADE,
  parent_id      text REFERENCES sessions(id) ON DELETE SET NULL,
  subagent       text,
  task           text NOT NULL,
  status         text NOT NULL DEFAULT 'active',
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

CREATE TABLE locks (
  id          text PRIMARY KEY,
  -- No foreign keys: acquire_locks, the only writer, has looked at the agent, and every grant would pay for them.
  project_id  text NOT NULL,
  agent_id    text NOT NULL,
  session_id  text,
  pattern     text NOT NULL,
  key         text NOT NULL,
  base        text NOT NULL,
  is_glob     boolean NOT NULL,
  mode        text NOT NULL,
  origin      text NOT NULL DEFAULT 'tool',
  token       bigint NOT NULL,
  life_seconds integer NOT NULL,
  acquired_at timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  warned_at   timestamptz,
  ended_at    timestamptz,
  end_reason  text
);
-- Second line of defence: whatever the code does, no path has two exclusive holders.
CREATE UNIQUE INDEX locks_live_path_key ON locks (project_id, key)
  WHERE ended_at IS NULL AND NOT is_glob AND mode = 'exclusive';
-- By bytes, so that a folder's contents are one range of the index.
CREATE INDEX locks_live_base_idx ON locks (project_id, base COLLATE "C") WHERE ended_at IS NULL;
-- Its condition keeps it out of plans that look for a base: on a table without statistics all indexes cost the same.
CREATE INDEX locks_live_expires_at_idx ON locks (project_id, expires_at) WHERE ended_at IS NULL AND expires_at IS NOT NULL;
CREATE INDEX locks_agent_id_ended_at_idx ON locks (agent_id, ended_at);

-- Not logged: after a crash those who still wait queue again, and a wait costs no write to the disk.
CREATE UNLOGGED TABLE lock_waiters (
  id          bigserial PRIMARY KEY,
  project_id  text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  agent_id    text NOT NULL REFERENCES agents(id) ON DELETE CASCADE,
  session_id  text,
  -- Session or, without one, agent: the node of the graph of who waits for whom.
  owner       text NOT NULL,
  patterns    text[] NOT NULL,
  keys        text[] NOT NULL,
  globs       boolean[] NOT NULL,
  mode        text NOT NULL,
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
  kind       text NOT NULL,
  message    text NOT NULL,
  data       jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX notices_agent_id_id_idx ON notices (agent_id, id);

-- What an agent wrote to a file by its editor, so that a change is not laid at another's door.
CREATE TABLE file_writes (
  project_id   text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  worktree     text NOT NULL,
  path         text NOT NULL,
  agent_id     text NOT NULL,
  content_hash text NOT NULL,
  written_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, worktree, path)
);

-- Leaves a notice for an agent and tells its front that there is one.
CREATE FUNCTION leave_notice(p_project text, p_agent text, p_kind text, p_message text, p_data jsonb) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO notices (project_id, agent_id, kind, message, data) VALUES (p_project, p_agent, p_kind, p_message, p_data);
  SELECT pg_notify('popstash', 'notice:' || p_agent);
$$;

-- Two names of one owner: the same agent, and not two of its sessions that know nothing of each other.
-- A subagent's session and the one it was started from are one owner; two subagents are not.
CREATE FUNCTION is_same_owner(p_agent text, p_session text, p_other_agent text, p_other_session text) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT p_agent = p_other_agent AND (
    p_session IS NULL OR p_other_session IS NULL OR p_session = p_other_session
    OR EXISTS (SELECT 1 FROM sessions s WHERE (s.id = p_session AND s.parent_id = p_other_session)
                                           OR (s.id = p_other_session AND s.parent_id = p_session)));
$$;

-- Wakes who waits for this owner and for nobody that queued before: the others' turn has not come.
CREATE FUNCTION wake_waiters(p_project text, p_owner text) RETURNS void
LANGUAGE sql AS $$
  SELECT pg_notify('popstash', 'turn:' || w.owner) FROM lock_waiters w
  WHERE w.project_id = p_project AND p_owner = ANY(w.waits_for) AND NOT EXISTS (
    SELECT 1 FROM lock_waiters e WHERE e.project_id = p_project AND e.id < w.id AND e.owner = ANY(w.waits_for)
      AND e.alive_until > clock_timestamp());
$$;

-- Gives up a place in the queue, for whatever reason but a grant: those behind may move up.
CREATE FUNCTION leave_queue(p_waiter bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_left lock_waiters;
BEGIN
  DELETE FROM lock_waiters WHERE id = p_waiter RETURNING * INTO v_left;
  IF v_left.id IS NOT NULL THEN PERFORM wake_waiters(v_left.project_id, v_left.owner); END IF;
END $$;

-- Ends live locks: the rows stay as history (a stale holder is known by them), waiting agents are woken, the holder is
-- told unless it let go itself. Locks that have ended already are passed over. Returns those that were ended.
CREATE FUNCTION end_locks(p_ids text[], p_reason text, p_note text DEFAULT NULL) RETURNS SETOF locks
LANGUAGE plpgsql AS $$
DECLARE
  v_ended locks[];
  v_group record;
BEGIN
  WITH ended AS (
    UPDATE locks l SET ended_at = clock_timestamp(), end_reason = p_reason
    WHERE l.id = ANY(p_ids) AND l.ended_at IS NULL RETURNING l.*
  ) SELECT array_agg(e) INTO v_ended FROM ended e;
  IF v_ended IS NULL THEN RETURN; END IF;
  FOR v_group IN
    SELECT e.project_id, e.agent_id, e.session_id, string_agg(e.pattern, ', ' ORDER BY e.pattern) AS patterns,
           jsonb_agg(jsonb_build_object('id', e.id, 'pattern', e.pattern, 'token', e.token)) AS locks
    FROM unnest(v_ended) e GROUP BY 1, 2, 3
  LOOP
    INSERT INTO activities (project_id, agent_id, session_id, type, description, metadata)
    VALUES (v_group.project_id, v_group.agent_id, v_group.session_id,
      CASE p_reason WHEN 'expired' THEN 'lock_expired' WHEN 'forced' THEN 'lock_forced' ELSE 'lock_released' END,
      left(CASE p_reason WHEN 'expired' THEN 'Expired: ' WHEN 'forced' THEN 'Released by force: ' ELSE 'Released: ' END
        || v_group.patterns, 300),
      jsonb_strip_nulls(jsonb_build_object('locks', v_group.locks, 'reason', p_reason, 'note', p_note)));
    IF p_reason IN ('expired', 'forced') THEN
      PERFORM leave_notice(v_group.project_id, v_group.agent_id, 'lock_lost',
        'Your lock on ' || left(v_group.patterns, 500) || CASE p_reason WHEN 'expired' THEN ' has expired.'
          ELSE ' was released by the user' || coalesce(': ' || p_note, '') || '.' END
          || ' Call acquire before you edit there again.',
        jsonb_build_object('locks', v_group.locks));
    END IF;
    PERFORM wake_waiters(v_group.project_id, coalesce(v_group.session_id, v_group.agent_id));
  END LOOP;
  RETURN QUERY SELECT * FROM unnest(v_ended);
END $$;

-- Releases an owner's locks on these keys. Not waited for on the disk: a release that a crash forgets leaves a lock that
-- expires, and whoever is granted the path after it waits for both.
CREATE FUNCTION release_locks(p_agent text, p_session text, p_keys text[]) RETURNS SETOF locks
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  RETURN QUERY SELECT * FROM end_locks(ARRAY(
    SELECT l.id FROM locks l
    WHERE l.agent_id = p_agent AND l.ended_at IS NULL AND l.key = ANY(p_keys) AND l.expires_at > clock_timestamp()
      AND is_same_owner(p_agent, p_session, l.agent_id, l.session_id)), 'released');
END $$;

-- An agent is gone: its locks are free, its sessions abandoned, its places in queues empty. Null when it already was.
CREATE FUNCTION disconnect_agent(p_agent text, p_reason text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  v_agent agents;
  v_locks jsonb;
  v_sessions jsonb;
BEGIN
  UPDATE agents SET status = 'disconnected', disconnected_at = now(), current_task = NULL, proof_lost_at = NULL
  WHERE id = p_agent AND status <> 'disconnected' RETURNING * INTO v_agent;
  IF v_agent.id IS NULL THEN RETURN NULL; END IF;
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
  PERFORM leave_queue(id) FROM lock_waiters WHERE agent_id = p_agent;
  INSERT INTO activities (project_id, agent_id, type, description, metadata)
  VALUES (v_agent.project_id, p_agent, 'agent_disconnected', 'Disconnected: ' || v_agent.name,
          jsonb_build_object('reason', p_reason));
  RETURN jsonb_build_object('agent', p_agent, 'project', v_agent.project_id, 'locks', v_locks, 'sessions', v_sessions);
END $$;

-- Whether the process of an agent that proves its life is gone: nobody holds the advisory lock of its id, and that was
-- first seen at least a second ago (a front whose connection broke takes it anew within that). Not asked for a while
-- after the database itself has started, when every front is still on its way back.
CREATE FUNCTION lost_proof(p_agent text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  v_agent agents;
BEGIN
  SELECT * INTO v_agent FROM agents WHERE id = p_agent;
  IF v_agent.id IS NULL OR NOT v_agent.proves_life OR v_agent.status = 'disconnected' THEN RETURN 'no'; END IF;
  IF NOT pg_try_advisory_xact_lock_shared(hashtextextended(p_agent, 78)) THEN
    IF v_agent.proof_lost_at IS NOT NULL THEN UPDATE agents SET proof_lost_at = NULL WHERE id = p_agent; END IF;
    RETURN 'no';
  END IF;
  IF v_agent.proof_lost_at IS NULL THEN
    UPDATE agents SET proof_lost_at = clock_timestamp() WHERE id = p_agent;
    RETURN 'suspected';
  END IF;
  IF v_agent.proof_lost_at > clock_timestamp() - interval '1 second'
     OR pg_postmaster_start_time() > clock_timestamp() - interval '10 seconds' THEN RETURN 'suspected'; END IF;
  RETURN 'gone';
END $$;

-- Locks all patterns for a session (or, without one, an agent), or none.
--   p_ids … p_globs   the requested patterns, one element each; p_ids are ids for new locks
--   p_points          bases at which a lock could overlap: each literal, and every folder above a literal or a glob
--   p_ranges          bases of the globs: whatever lies below them could overlap
--   p_free, p_overlapping   locks (by id) and waiters (w and their id) that the caller has judged before
--   p_task            opens the session p_session with this task when everything is granted
--   p_waiter          the caller's place in the queue; p_wait_seconds > 0 takes or keeps one when there are conflicts
-- Returns one of {granted, expired}, {unjudged: [{id, keys, globs}]}, {conflicts, waiter | cycle}; nothing is
-- changed in the last two but the place in the queue and what the clock has ended anyway.
CREATE FUNCTION acquire_locks(
  p_project text, p_agent text, p_session text, p_task text,
  p_ids text[], p_patterns text[], p_keys text[], p_bases text[], p_globs boolean[], p_points text[], p_ranges text[],
  p_mode text, p_life_seconds integer, p_origin text, p_free text[], p_overlapping text[],
  p_waiter bigint, p_wait_seconds integer
) RETURNS jsonb
-- A table of a few locks is one of thousands a minute later, under the same plan.
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
  v_now timestamptz;
  v_owner text := coalesce(p_session, p_agent);
  v_expired jsonb := '[]';
  v_candidates text[];
  v_blocking text[];
  v_waiting text[] := '{}';
  v_unjudged jsonb;
  v_conflicts jsonb;
  v_waits_for text[];
  v_holder text;
  v_proof text;
  v_again boolean;
  v_token bigint;
  v_granted jsonb := '[]';
  v_fresh text[] := '{}';
  v_lock locks;
  v_waiter bigint := p_waiter;
  v_range text;
  v_next_expiry timestamptz;
  v_point text;
  v_id text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(p_project, 77));
  IF NOT EXISTS (SELECT 1 FROM agents WHERE id = p_agent AND status <> 'disconnected') THEN
    RETURN jsonb_build_object('disconnected', true);
  END IF;
  LOOP
    -- Not now(): that is when the transaction began to wait.
    v_now := clock_timestamp();
    -- Sorted, so that it is always the index of expiry that is looked into.
    SELECT expires_at INTO v_next_expiry FROM locks
    WHERE project_id = p_project AND ended_at IS NULL AND expires_at IS NOT NULL ORDER BY expires_at LIMIT 1;
    IF v_next_expiry <= v_now THEN
      SELECT v_expired || coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'pattern', e.pattern, 'agent', e.agent_id)), '[]')
      INTO v_expired FROM end_locks(ARRAY(
        SELECT id FROM locks WHERE ended_at IS NULL AND expires_at <= v_now AND project_id = p_project), 'expired') e;
    END IF;

    -- One look each: a list of them would be a filter in some plans, over all locks of the project.
    v_candidates := '{}';
    FOREACH v_point IN ARRAY p_points LOOP
      FOR v_id IN
        SELECT l.id FROM locks l
        WHERE l.project_id = p_project AND l.ended_at IS NULL AND l.base COLLATE "C" = v_point
          AND (p_mode = 'exclusive' OR l.mode = 'exclusive')
          AND (l.agent_id <> p_agent OR NOT is_same_owner(p_agent, p_session, l.agent_id, l.session_id))
      LOOP
        v_candidates := v_candidates || v_id;
      END LOOP;
    END LOOP;
    FOREACH v_range IN ARRAY p_ranges LOOP
      SELECT v_candidates || coalesce(array_agg(l.id), '{}') INTO v_candidates FROM locks l
      WHERE l.project_id = p_project AND l.ended_at IS NULL
        AND l.base COLLATE "C" >= v_range AND l.base COLLATE "C" < v_range || chr(1114111)
        AND (p_mode = 'exclusive' OR l.mode = 'exclusive')
        AND (l.agent_id <> p_agent OR NOT is_same_owner(p_agent, p_session, l.agent_id, l.session_id));
    END LOOP;

    -- Who queued before has the first claim, but for those that wait for this very owner, directly or through others.
    IF EXISTS (SELECT 1 FROM lock_waiters WHERE project_id = p_project) THEN
      WITH RECURSIVE live AS (
        SELECT * FROM lock_waiters w WHERE w.project_id = p_project AND w.alive_until > v_now
      ), behind AS (
        SELECT w.owner FROM live w WHERE v_owner = ANY(w.waits_for)
        UNION SELECT w.owner FROM behind b JOIN live w ON b.owner = ANY(w.waits_for)
      )
      SELECT coalesce(array_agg('w' || w.id), '{}') INTO v_waiting FROM live w
      WHERE w.owner <> v_owner AND (p_waiter IS NULL OR w.id < p_waiter)
        AND (p_mode = 'exclusive' OR w.mode = 'exclusive')
        AND w.owner NOT IN (SELECT owner FROM behind)
        AND NOT is_same_owner(p_agent, p_session, w.agent_id, w.session_id);
    END IF;

    IF v_candidates = '{}' AND v_waiting = '{}' THEN
      v_blocking := '{}';
    ELSE
      SELECT jsonb_agg(u) INTO v_unjudged FROM (
        SELECT l.id, ARRAY[l.key] AS keys, ARRAY[l.is_glob] AS globs FROM locks l
        WHERE l.id = ANY(v_candidates) AND (l.is_glob OR NOT l.key = ANY(p_keys))
          AND NOT l.id = ANY(p_free) AND NOT l.id = ANY(p_overlapping)
        UNION ALL
        SELECT 'w' || w.id, w.keys, w.globs FROM lock_waiters w
        WHERE 'w' || w.id = ANY(v_waiting) AND NOT 'w' || w.id = ANY(p_free) AND NOT 'w' || w.id = ANY(p_overlapping)
      ) u;
      IF v_unjudged IS NOT NULL THEN
        RETURN jsonb_build_object('unjudged', v_unjudged, 'expired', v_expired);
      END IF;
      -- What is not judged free overlaps: judged so, or the same literal path.
      SELECT coalesce(array_agg(DISTINCT c), '{}') INTO v_blocking
      FROM unnest(v_candidates || v_waiting) c WHERE NOT c = ANY(p_free);
    END IF;
    EXIT WHEN v_blocking = '{}';

    -- A holder whose process is gone holds nothing.
    v_again := false;
    FOR v_holder IN
      SELECT DISTINCT agent_id FROM locks WHERE id = ANY(v_blocking)
      -- Of those in the queue the first one is enough: it is the one that would hold up the others.
      UNION (SELECT agent_id FROM lock_waiters WHERE 'w' || id = ANY(v_blocking) ORDER BY id LIMIT 1)
    LOOP
      v_proof := lost_proof(v_holder);
      IF v_proof = 'gone' THEN
        PERFORM disconnect_agent(v_holder, 'its process is gone');
        v_again := true;
      END IF;
    END LOOP;
    IF v_again THEN CONTINUE; END IF;

    SELECT coalesce(jsonb_agg(c ORDER BY c.since), '[]'), array_agg(DISTINCT c.owner) INTO v_conflicts, v_waits_for
    FROM (
      SELECT l.id, ARRAY[l.key] AS keys, ARRAY[l.is_glob] AS globs, ARRAY[l.pattern] AS patterns, l.mode,
             l.agent_id AS agent, l.session_id AS session, coalesce(l.session_id, l.agent_id) AS owner,
             a.name, coalesce(s.task, a.current_task) AS task, l.acquired_at AS since, l.expires_at AS expires,
             greatest(s.last_active_at, a.last_seen_at) AS active, a.proof_lost_at IS NOT NULL AS suspected, false AS queued
      FROM locks l JOIN agents a ON a.id = l.agent_id LEFT JOIN sessions s ON s.id = l.session_id
      WHERE l.id = ANY(v_blocking)
      UNION ALL
      SELECT 'w' || w.id, w.keys, w.globs, w.patterns, w.mode, w.agent_id, w.session_id, w.owner,
             a.name, coalesce(s.task, a.current_task), w.queued_at, w.alive_until,
             greatest(s.last_active_at, a.last_seen_at), a.proof_lost_at IS NOT NULL, true
      FROM lock_waiters w JOIN agents a ON a.id = w.agent_id LEFT JOIN sessions s ON s.id = w.session_id
      WHERE 'w' || w.id = ANY(v_blocking)
    ) c;

    IF p_wait_seconds > 0 THEN
      IF EXISTS (
        WITH RECURSIVE reached AS (
          SELECT unnest(v_waits_for) AS owner
          UNION SELECT unnest(w.waits_for) FROM reached r
            JOIN lock_waiters w ON w.owner = r.owner AND w.project_id = p_project AND w.alive_until > v_now
        ) SELECT 1 FROM reached WHERE owner = v_owner
      ) THEN
        PERFORM leave_queue(p_waiter);
        RETURN jsonb_build_object('conflicts', v_conflicts, 'cycle', true, 'now', v_now, 'expired', v_expired);
      END IF;
      -- A place is kept by asking again; who stops asking loses it.
      UPDATE lock_waiters SET waits_for = v_waits_for, alive_until = v_now + interval '5 seconds' WHERE id = p_waiter;
      IF NOT FOUND THEN
        INSERT INTO lock_waiters (project_id, agent_id, session_id, owner, patterns, keys, globs, mode, waits_for, queued_at, alive_until)
        VALUES (p_project, p_agent, p_session, v_owner, p_patterns, p_keys, p_globs, p_mode, v_waits_for, v_now, v_now + interval '5 seconds')
        RETURNING id INTO v_waiter;
      END IF;
    ELSIF p_waiter IS NOT NULL THEN
      PERFORM leave_queue(p_waiter);
      v_waiter := NULL;
    END IF;
    RETURN jsonb_build_object('conflicts', v_conflicts, 'waiter', v_waiter::text, 'now', v_now, 'expired', v_expired);
  END LOOP;

  IF p_task IS NOT NULL THEN
    INSERT INTO sessions (id, project_id, agent_id, task) VALUES (p_session, p_project, p_agent, p_task);
    UPDATE agents SET current_task = p_task, last_seen_at = v_now WHERE id = p_agent;
    INSERT INTO activities (project_id, agent_id, session_id, type, description)
    VALUES (p_project, p_agent, p_session, 'task_started', left('Started: ' || p_task, 300));
  END IF;
  -- Who waited behind this place waits for these locks now.
  IF p_waiter IS NOT NULL THEN DELETE FROM lock_waiters WHERE id = p_waiter; END IF;
  IF cardinality(p_ids) > 0 THEN
    UPDATE projects SET lock_token = lock_token + cardinality(p_ids) WHERE id = p_project
    RETURNING lock_token - cardinality(p_ids) INTO v_token;
    FOR i IN 1 .. cardinality(p_ids) LOOP
      v_lock := NULL;
      -- (|| '' keeps the index of agents out: this one may hold thousands.)
      -- Held already, perhaps as part of the whole agent: it lives on, under the same token unless it becomes stronger.
      SELECT * INTO v_lock FROM locks l
      WHERE l.project_id = p_project AND l.ended_at IS NULL AND l.base COLLATE "C" = p_bases[i] AND l.key = p_keys[i]
        AND l.is_glob = p_globs[i] AND l.agent_id || '' = p_agent AND is_same_owner(p_agent, p_session, l.agent_id, l.session_id)
      ORDER BY l.mode, l.token LIMIT 1;
      IF v_lock.id IS NOT NULL THEN
        UPDATE locks SET
          mode = CASE WHEN p_mode = 'exclusive' THEN 'exclusive' ELSE mode END,
          token = CASE WHEN p_mode = 'exclusive' AND mode = 'shared' THEN v_token + i ELSE token END,
          session_id = coalesce(session_id, p_session),
          origin = CASE WHEN p_origin = 'tool' THEN 'tool' ELSE origin END,
          life_seconds = p_life_seconds, warned_at = NULL,
          expires_at = greatest(expires_at, v_now + make_interval(secs => p_life_seconds))
        WHERE id = v_lock.id RETURNING * INTO v_lock;
      ELSE
        INSERT INTO locks (id, project_id, agent_id, session_id, pattern, key, base, is_glob, mode, origin, token,
                           life_seconds, acquired_at, expires_at)
        VALUES (p_ids[i], p_project, p_agent, p_session, p_patterns[i], p_keys[i], p_bases[i], p_globs[i], p_mode,
                p_origin, v_token + i, p_life_seconds, v_now, v_now + make_interval(secs => p_life_seconds))
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
  RETURN jsonb_build_object('granted', v_granted, 'now', v_now, 'expired', v_expired);
END $$;
