-- Deletes what a project has stored and its agents have done, for good. Its costs stay in the ledger: they were spent.
-- Returns how many memories were deleted; null, and nothing is deleted, while an agent of the project is connected.
CREATE OR REPLACE FUNCTION forget_project(p_project text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  v_deleted integer;
BEGIN
  PERFORM lock_projects();
  PERFORM lock_project(p_project);
  IF EXISTS (SELECT 1 FROM agents WHERE project_id = p_project AND status = 'active') THEN RETURN NULL; END IF;
  SELECT (SELECT count(*) FROM stashes WHERE project_id = p_project) + (SELECT count(*) FROM insights WHERE project_id = p_project)
    + (SELECT count(*) FROM decisions WHERE project_id = p_project) INTO v_deleted;
  DELETE FROM passages WHERE project_id = p_project;
  DELETE FROM memory_marks WHERE project_id = p_project;
  DELETE FROM lexeme_stats WHERE project_id = p_project;
  DELETE FROM imported_memories WHERE project_id = p_project;
  DELETE FROM imports WHERE project_id = p_project;
  DELETE FROM stashes WHERE project_id = p_project;
  DELETE FROM insights WHERE project_id = p_project;
  DELETE FROM decisions WHERE project_id = p_project;
  DELETE FROM announcements WHERE project_id = p_project;
  DELETE FROM notices WHERE project_id = p_project;
  DELETE FROM file_writes WHERE project_id = p_project;
  DELETE FROM guarded_commits WHERE project_id = p_project;
  DELETE FROM agent_commands WHERE project_id = p_project;
  DELETE FROM lock_waiters WHERE p_project = ANY(boards);
  DELETE FROM locks WHERE project_id = p_project;
  DELETE FROM task_client_sessions WHERE session_id IN (SELECT id FROM sessions WHERE project_id = p_project);
  DELETE FROM sessions WHERE project_id = p_project;
  DELETE FROM activities WHERE project_id = p_project;
  DELETE FROM agents WHERE project_id = p_project;
  UPDATE projects SET name = NULL, root_commits = NULL, remote = NULL, twin_id = NULL, settled_at = NULL,
    passage_count = 0, lexeme_total = 0, statistics_at = NULL WHERE id = p_project;
  UPDATE projects SET twin_id = NULL WHERE twin_id = p_project;
  RETURN v_deleted;
END $$;
