-- Records for which owners a position in the queue waits. Under the boards' locks.
CREATE OR REPLACE FUNCTION set_waits(p_waiter bigint, p_owners text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_before text[];
BEGIN
  SELECT waits_for INTO v_before FROM lock_waiters WHERE id = p_waiter;
  IF v_before @> p_owners AND v_before <@ p_owners THEN RETURN; END IF;
  DELETE FROM lock_waits WHERE owner = ANY(v_before) AND waiter = p_waiter AND owner <> ALL(p_owners);
  INSERT INTO lock_waits (owner, waiter) SELECT owner, p_waiter FROM unnest(p_owners) owner ON CONFLICT DO NOTHING;
  UPDATE lock_waiters SET waits_for = p_owners WHERE id = p_waiter;
END $$;
