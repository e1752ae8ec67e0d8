-- What a caller needs to compare locks (by id) and positions in the queue (w and their id) with its request.
CREATE OR REPLACE FUNCTION describe_undecided(p_project text, p_undecided text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT jsonb_agg(u) FROM (
    SELECT id, ARRAY[key] AS keys, ARRAY[is_glob] AS globs FROM locks WHERE id = ANY(p_undecided)
    UNION ALL
    SELECT 'w' || id, (request).keys, (request).globs FROM lock_waiters
    WHERE project_id = p_project AND 'w' || id = ANY(p_undecided)
  ) u);
END $$;
