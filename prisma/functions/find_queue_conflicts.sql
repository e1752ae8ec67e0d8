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
