-- Positions in the queue on any of these boards. Those on one board, nearly all, are found by it, those on several by an
-- index of their own. Both indexes forget positions that are gone; the table, read whole, does not until it is vacuumed.
CREATE OR REPLACE FUNCTION queue_on_boards(p_boards text[]) RETURNS SETOF lock_waiters
LANGUAGE sql STABLE AS $$
  SELECT * FROM lock_waiters WHERE board = ANY(p_boards)
  UNION ALL SELECT * FROM lock_waiters WHERE board IS NULL AND boards && p_boards
$$;
