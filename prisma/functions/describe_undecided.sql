-- What a caller needs to compare locks (by id) and positions in the queue (w and their id) with its request. denies: the
-- boards whose locks exclude across worktrees.
CREATE OR REPLACE FUNCTION describe_undecided(p_undecided text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT jsonb_agg(u) FROM (
    SELECT id, ARRAY[project_id] AS boards, ARRAY[worktree] AS worktrees, ARRAY[key] AS keys, ARRAY[is_glob] AS globs,
           denying_boards(ARRAY[project_id]) AS denies
    FROM locks WHERE id = ANY(p_undecided)
    UNION ALL
    SELECT 'w' || id, (request).boards, (request).worktrees, (request).keys, (request).globs,
           denying_boards((request).boards)
    FROM lock_waiters WHERE id = ANY(queue_positions(p_undecided))
  ) u);
END $$;
