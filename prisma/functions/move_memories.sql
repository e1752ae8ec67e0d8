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
