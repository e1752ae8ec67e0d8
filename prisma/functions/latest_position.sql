-- The latest position in the queue before another one that may ask for something of the same as a request; null for none.
-- A request for one path alone is found by that path; those for several, and for globs, by their boards. Reads one entry of
-- an index for each path and board.
--   p_keys   lookup keys of a request of paths alone; null for one with globs, which may meet any
CREATE OR REPLACE FUNCTION latest_position(p_boards text[], p_keys text[], p_before bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p_keys IS NULL THEN
    RETURN (SELECT max(one.id) FROM unnest(p_boards) asked, LATERAL (
      SELECT id FROM lock_waiters WHERE board = asked AND id < p_before ORDER BY id DESC LIMIT 1) one);
  END IF;
  RETURN (SELECT max(id) FROM (
    SELECT one.id FROM unnest(p_keys) asked, LATERAL (
      SELECT id FROM lock_waiters WHERE sole_key = asked AND id < p_before ORDER BY id DESC LIMIT 1) one
    UNION ALL
    SELECT one.id FROM unnest(p_boards) asked, LATERAL (
      SELECT id FROM lock_waiters WHERE board = asked AND sole_key IS NULL AND id < p_before
      ORDER BY id DESC LIMIT 1) one
  ) latest);
END $$;
