-- Those of these boards whose locks exclude agents in other worktrees too.
CREATE OR REPLACE FUNCTION denying_boards(p_boards text[]) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN ARRAY(SELECT id FROM projects WHERE id = ANY(p_boards) AND across_worktrees = 'deny');
END $$;
