-- Moves the agents of one project to another, with what they do and hold; see move_project. Under the locks of both boards.
CREATE OR REPLACE FUNCTION move_agents(p_from text, p_into text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE agents SET project_id = p_into WHERE project_id = p_from;
  UPDATE sessions SET project_id = p_into WHERE project_id = p_from;
  UPDATE activities SET project_id = p_into WHERE project_id = p_from;
  UPDATE announcements SET project_id = p_into WHERE project_id = p_from;
  UPDATE notices SET project_id = p_into WHERE project_id = p_from;
  UPDATE agent_commands SET project_id = p_into WHERE project_id = p_from;
  INSERT INTO guarded_commits SELECT p_into, tree, agent_id, passed_at FROM guarded_commits WHERE project_id = p_from
    ON CONFLICT DO NOTHING;
  DELETE FROM guarded_commits WHERE project_id = p_from;
  INSERT INTO file_writes AS w SELECT p_into, worktree, path, agent_id, content_hash, written_at FROM file_writes
    WHERE project_id = p_from
    ON CONFLICT (project_id, worktree, path) DO UPDATE SET agent_id = excluded.agent_id,
      content_hash = excluded.content_hash, written_at = excluded.written_at WHERE w.written_at < excluded.written_at;
  DELETE FROM file_writes WHERE project_id = p_from;
  -- Locks. Where both boards have one on the same path of a worktree, the older one stays.
  DELETE FROM lock_waiters WHERE p_from = ANY(boards) OR project_id = p_from OR board = p_from;
  PERFORM close_locks(ARRAY(
    SELECT CASE WHEN (f.acquired_at, f.id) > (o.acquired_at, o.id) THEN f.id ELSE o.id END
    FROM locks f JOIN locks o ON o.project_id = p_into AND o.worktree = f.worktree AND o.key = f.key
    WHERE f.project_id = p_from AND f.ended_at IS NULL AND NOT f.is_glob AND f.mode = 'exclusive'
      AND o.ended_at IS NULL AND NOT o.is_glob AND o.mode = 'exclusive'), 'forced', 'two projects were joined');
  UPDATE locks SET project_id = p_into WHERE project_id = p_from;
END $$;
