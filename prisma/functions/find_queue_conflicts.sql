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
