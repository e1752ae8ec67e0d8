-- Positions in the queue on any of these boards: those on one board are found by it, those on several by its absence ('').
-- The index forgets positions that are gone; the table, read whole, does not until it is vacuumed.
CREATE OR REPLACE FUNCTION queue_on_boards(p_boards text[]) RETURNS SETOF lock_waiters
LANGUAGE sql STABLE AS $$
  SELECT * FROM lock_waiters WHERE board = ANY(p_boards || ''::text) AND boards && p_boards
$$;
