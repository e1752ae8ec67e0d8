-- Projects keep their identity when they move; what belongs to one can be moved to another.
-- Older versions that still run go on, but follow no project that was moved or joined.

ALTER TABLE projects ADD COLUMN name text;
ALTER TABLE projects ADD COLUMN root_commits text[];
ALTER TABLE projects ADD COLUMN remote text;
ALTER TABLE projects ADD COLUMN settled_at timestamptz;
ALTER TABLE projects ADD COLUMN twin_id text;
ALTER TABLE projects ADD COLUMN merged_into text;
CREATE INDEX projects_root_idx ON projects (root);
CREATE INDEX projects_remote_idx ON projects (remote) WHERE remote IS NOT NULL;
CREATE INDEX projects_root_commits_idx ON projects USING gin (root_commits) WHERE root_commits IS NOT NULL;

-- Projects in which somebody has worked; the ledger alone knows the others.
UPDATE projects p SET settled_at = created_at
WHERE EXISTS (SELECT 1 FROM agents WHERE project_id = p.id) OR EXISTS (SELECT 1 FROM insights WHERE project_id = p.id);

-- == Functions and views, as in prisma/functions

-- Until the end of the transaction nobody else decides which project a place belongs to, or joins projects.
CREATE OR REPLACE FUNCTION lock_projects() RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(hashtextextended('projects', 83)) $$;

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

-- Moves the memories of one project to another, with all that is known of them; see move_project. Of two live ones under a
-- name the older becomes a version. Returns how many were moved.
CREATE OR REPLACE FUNCTION move_memories(p_from text, p_into text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  v_moved integer := 0;
  v_count integer;
BEGIN
  UPDATE stashes s SET superseded_by = n.id, superseded_at = now() FROM stashes n
  WHERE s.project_id IN (p_from, p_into) AND n.project_id IN (p_from, p_into) AND s.project_id <> n.project_id
    AND s.superseded_by IS NULL AND s.forgotten_at IS NULL AND n.superseded_by IS NULL AND n.forgotten_at IS NULL
    AND fold_name(s.name) = fold_name(n.name) AND (s.created_at, s.id) < (n.created_at, n.id);
  UPDATE insights i SET superseded_by = n.id, superseded_at = now() FROM insights n
  WHERE i.project_id IN (p_from, p_into) AND n.project_id IN (p_from, p_into) AND i.project_id <> n.project_id
    AND i.superseded_by IS NULL AND i.forgotten_at IS NULL AND n.superseded_by IS NULL AND n.forgotten_at IS NULL
    AND fold_name(i.key) = fold_name(n.key) AND (i.created_at, i.id) < (n.created_at, n.id);
  WITH shared AS (
    SELECT fold_name(name) AS folded FROM stashes WHERE project_id IN (p_from, p_into)
    GROUP BY 1 HAVING count(DISTINCT project_id) > 1
  ), numbered AS (
    SELECT id, row_number() OVER (PARTITION BY fold_name(name) ORDER BY created_at, id) AS version FROM stashes
    WHERE project_id IN (p_from, p_into) AND fold_name(name) IN (SELECT folded FROM shared)
  ) UPDATE stashes s SET version = n.version FROM numbered n WHERE s.id = n.id AND s.version <> n.version;
  WITH shared AS (
    SELECT fold_name(key) AS folded FROM insights WHERE project_id IN (p_from, p_into) AND key IS NOT NULL
    GROUP BY 1 HAVING count(DISTINCT project_id) > 1
  ), numbered AS (
    SELECT id, row_number() OVER (PARTITION BY fold_name(key) ORDER BY created_at, id) AS version FROM insights
    WHERE project_id IN (p_from, p_into) AND fold_name(key) IN (SELECT folded FROM shared)
  ) UPDATE insights i SET version = n.version FROM numbered n WHERE i.id = n.id AND i.version <> n.version;
  DELETE FROM passages p USING stashes s WHERE p.project_id IN (p_from, p_into) AND p.owner_kind = 'stash'
    AND p.owner_id = s.id AND s.superseded_by IS NOT NULL;
  DELETE FROM passages p USING insights i WHERE p.project_id IN (p_from, p_into) AND p.owner_kind = 'insight'
    AND p.owner_id = i.id AND i.superseded_by IS NOT NULL;
  UPDATE stashes SET project_id = p_into WHERE project_id = p_from;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  v_moved := v_moved + v_count;
  UPDATE insights SET project_id = p_into WHERE project_id = p_from;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  v_moved := v_moved + v_count;
  UPDATE decisions SET project_id = p_into WHERE project_id = p_from;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  v_moved := v_moved + v_count;
  UPDATE passages SET project_id = p_into WHERE project_id = p_from;
  UPDATE memory_marks SET project_id = p_into WHERE project_id = p_from;
  UPDATE imports SET project_id = p_into WHERE project_id = p_from;
  UPDATE imported_memories SET project_id = p_into WHERE project_id = p_from;
  -- Until the maintenance job counts again.
  INSERT INTO lexeme_stats AS l SELECT p_into, lexeme, passages FROM lexeme_stats WHERE project_id = p_from
    ON CONFLICT (project_id, lexeme) DO UPDATE SET passages = l.passages + excluded.passages;
  DELETE FROM lexeme_stats WHERE project_id = p_from;
  RETURN v_moved;
END $$;

-- Moves what one project has in the ledger to another; see move_project. Under the locks of the ledger and its roll-ups. The
-- trigger appends what the entries change, and then belongs to one project, where it cancels out: sums of roll-ups and
-- changes equal sums of entries before and after.
CREATE OR REPLACE FUNCTION move_usage(p_from text, p_into text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE usage_entries SET project_id = CASE project_id WHEN p_from THEN p_into ELSE project_id END,
    cwd_project_id = CASE cwd_project_id WHEN p_from THEN p_into ELSE cwd_project_id END
  WHERE project_id = p_from OR cwd_project_id = p_from;
  UPDATE usage_changes SET project_id = p_into WHERE project_id = p_from;
  INSERT INTO usage_rollups AS r SELECT (jsonb_populate_record(f, jsonb_build_object('project_id', p_into))).*
    FROM usage_rollups f WHERE project_id = p_from
    ON CONFLICT (project_id, bucket, agent_id, session_id, client, client_session, model, grade) DO UPDATE SET
      requests = r.requests + excluded.requests, unpriced = r.unpriced + excluded.unpriced,
      input_tokens = r.input_tokens + excluded.input_tokens, output_tokens = r.output_tokens + excluded.output_tokens,
      reasoning_tokens = r.reasoning_tokens + excluded.reasoning_tokens,
      cache_read_tokens = r.cache_read_tokens + excluded.cache_read_tokens,
      cache_write_5m_tokens = r.cache_write_5m_tokens + excluded.cache_write_5m_tokens,
      cache_write_1h_tokens = r.cache_write_1h_tokens + excluded.cache_write_1h_tokens,
      web_searches = r.web_searches + excluded.web_searches, cost_usd = r.cost_usd + excluded.cost_usd;
  DELETE FROM usage_rollups WHERE project_id = p_from;
  INSERT INTO usage_totals AS t SELECT (jsonb_populate_record(f, jsonb_build_object('project_id', p_into))).*
    FROM usage_totals f WHERE project_id = p_from
    ON CONFLICT (project_id, dimension, period, bucket, key, grade) DO UPDATE SET
      requests = t.requests + excluded.requests, unpriced = t.unpriced + excluded.unpriced,
      input_tokens = t.input_tokens + excluded.input_tokens, output_tokens = t.output_tokens + excluded.output_tokens,
      reasoning_tokens = t.reasoning_tokens + excluded.reasoning_tokens,
      cache_read_tokens = t.cache_read_tokens + excluded.cache_read_tokens,
      cache_write_5m_tokens = t.cache_write_5m_tokens + excluded.cache_write_5m_tokens,
      cache_write_1h_tokens = t.cache_write_1h_tokens + excluded.cache_write_1h_tokens,
      web_searches = t.web_searches + excluded.web_searches, cost_usd = t.cost_usd + excluded.cost_usd;
  DELETE FROM usage_totals WHERE project_id = p_from;
END $$;

-- Moves all that belongs to one project to another, and remembers it: whoever still uses the former id is led on. May be
-- called again, for what a process wrote under the former id meanwhile. Returns how many memories were moved.
-- Two memories of one name become versions of one, the newest of which answers. Positions in lock queues are given up:
-- who waits asks again.
CREATE OR REPLACE FUNCTION move_project(p_from text, p_into text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  v_moved integer;
BEGIN
  IF p_from = p_into OR NOT EXISTS (SELECT 1 FROM projects WHERE id = p_into AND merged_into IS NULL) THEN
    RAISE EXCEPTION 'project % can not be moved to %', p_from, p_into USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM lock_projects();
  PERFORM lock_boards(ARRAY[p_from, p_into]);
  PERFORM lock_usage();
  PERFORM lock_usage_rollups();

  v_moved := move_memories(p_from, p_into);
  PERFORM move_agents(p_from, p_into);
  PERFORM move_usage(p_from, p_into);
  UPDATE projects i SET
    root_commits = CASE WHEN i.root_commits IS NULL THEN f.root_commits
      ELSE ARRAY(SELECT DISTINCT unnest(i.root_commits || f.root_commits)) END,
    remote = coalesce(i.remote, f.remote),
    passage_count = i.passage_count + f.passage_count, lexeme_total = i.lexeme_total + f.lexeme_total,
    twin_id = nullif(i.twin_id, p_from)
  FROM projects f WHERE i.id = p_into AND f.id = p_from;
  UPDATE projects SET merged_into = p_into, twin_id = NULL, passage_count = 0, lexeme_total = 0 WHERE id = p_from;
  UPDATE projects SET merged_into = p_into WHERE merged_into = p_from;
  UPDATE projects SET twin_id = nullif(p_into, id) WHERE twin_id = p_from;
  PERFORM pg_notify('popstash', 'project:' || p_from || ':' || p_into);
  RETURN v_moved;
END $$;
