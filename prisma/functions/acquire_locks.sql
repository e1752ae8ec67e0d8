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
