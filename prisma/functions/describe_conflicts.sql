-- What blocks a request, as people ask about it: locks by their id, positions in the queue by w and theirs; the twenty that
-- are there longest. denies: the boards whose locks exclude across worktrees.
CREATE OR REPLACE FUNCTION describe_conflicts(p_blocking text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_ids text[] := ARRAY(
    SELECT id FROM (
      SELECT id, acquired_at AS since FROM locks WHERE id = ANY(p_blocking)
      UNION ALL SELECT 'w' || id, queued_at FROM lock_waiters WHERE id = ANY(queue_positions(p_blocking))
    ) oldest ORDER BY since LIMIT 20);
BEGIN
  RETURN (SELECT coalesce(jsonb_agg(c ORDER BY c.since), '[]') FROM (
    SELECT l.id, ARRAY[l.project_id] AS boards, ARRAY[l.worktree] AS worktrees, ARRAY[l.key] AS keys,
           ARRAY[l.is_glob] AS globs, denying_boards(ARRAY[l.project_id]) AS denies, ARRAY[l.pattern] AS patterns, l.mode,
           l.agent_id AS agent, l.session_id AS session, a.name,
           agent_facts(a) AS holder, coalesce(s.task, a.current_task) AS task,
           l.acquired_at AS since, l.expires_at AS expires, greatest(s.last_active_at, a.last_seen_at) AS active,
           a.suspected_at IS NOT NULL AS suspected, false AS queued
    FROM locks l JOIN agents a ON a.id = l.agent_id LEFT JOIN sessions s ON s.id = l.session_id
    WHERE l.id = ANY(v_ids)
    UNION ALL
    SELECT 'w' || w.id, (w.request).boards, (w.request).worktrees, (w.request).keys, (w.request).globs,
           denying_boards((w.request).boards), (w.request).patterns, (w.request).mode, w.agent_id, (w.request).session_id,
           a.name, agent_facts(a), coalesce(s.task, a.current_task), w.queued_at, w.queued_at,
           greatest(s.last_active_at, a.last_seen_at), a.suspected_at IS NOT NULL, true
    FROM lock_waiters w JOIN agents a ON a.id = w.agent_id LEFT JOIN sessions s ON s.id = (w.request).session_id
    WHERE w.id = ANY(queue_positions(v_ids))
  ) c);
END $$;
