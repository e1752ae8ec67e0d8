-- Owners in the queue that wait for this one, directly or through others, on any board.
CREATE OR REPLACE FUNCTION owners_waiting_for(p_owner text, p_now timestamptz) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_found text[];
BEGIN
  SELECT array_agg(owner) INTO v_found FROM lock_waiters
    WHERE id > 0 /* (hint: whole index) */ AND alive_until > p_now AND p_owner = ANY(waits_for);
  IF v_found IS NULL THEN RETURN '{}'; END IF;
  WITH RECURSIVE waiting AS (
    SELECT unnest(v_found) AS owner
    UNION SELECT w.owner FROM waiting b JOIN lock_waiters w ON w.alive_until > p_now AND b.owner = ANY(w.waits_for)
  ) SELECT array_agg(owner) INTO v_found FROM waiting;
  RETURN v_found;
END $$;
