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
