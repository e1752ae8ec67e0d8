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
