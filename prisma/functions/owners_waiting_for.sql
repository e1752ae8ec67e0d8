-- Owners in the queue that wait for this one, directly or through others, on any board.
CREATE OR REPLACE FUNCTION owners_waiting_for(p_owner text) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
  -- By far the most frequent.
  IF NOT EXISTS (SELECT 1 FROM lock_waits WHERE owner = p_owner) THEN RETURN '{}'; END IF;
  RETURN ARRAY(
    WITH RECURSIVE waiting AS (
      SELECT p_owner AS owner
      UNION
      SELECT w.owner FROM waiting b JOIN lock_waits e ON e.owner = b.owner JOIN kept_positions w ON w.id = e.waiter
    ) SELECT owner FROM waiting WHERE owner <> p_owner);
END $$;
