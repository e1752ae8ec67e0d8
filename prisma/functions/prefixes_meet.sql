-- Whether a literal prefix of one request and one of another lie on one board and below each other: what is apart by its
-- literal prefixes matches nothing in common. (a/** matches a.)
CREATE OR REPLACE FUNCTION prefixes_meet(
  p_boards text[], p_prefixes text[], p_other_boards text[], p_other_prefixes text[]
) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT 1 FROM unnest(p_boards, p_prefixes) AS a (board, prefix)
    JOIN unnest(p_other_boards, p_other_prefixes) AS b (board, prefix) ON a.board = b.board
    WHERE starts_with(a.prefix || '/', b.prefix) OR starts_with(b.prefix || '/', a.prefix));
END $$;
