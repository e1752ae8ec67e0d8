-- Waits for the locks of several projects' boards, in the order of their ids: two transactions that lock the same boards
-- never wait for each other in a circle.
CREATE OR REPLACE FUNCTION lock_boards(p_boards text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_board text;
BEGIN
  IF cardinality(p_boards) = 1 THEN
    PERFORM lock_project(p_boards[1]);
    RETURN;
  END IF;
  FOR v_board IN SELECT DISTINCT unnest(p_boards) COLLATE "C" AS board ORDER BY board LOOP
    PERFORM lock_project(v_board);
  END LOOP;
END $$;
