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
