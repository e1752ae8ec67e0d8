-- Deletes a position in the queue with what it waits for. Returns it; null when it was gone. Under the boards' locks.
CREATE OR REPLACE FUNCTION delete_position(p_waiter bigint) RETURNS lock_waiters
LANGUAGE plpgsql AS $$
DECLARE
  v_deleted lock_waiters;
BEGIN
  DELETE FROM lock_waiters WHERE id = p_waiter RETURNING * INTO v_deleted;
  DELETE FROM lock_waits WHERE owner = ANY(v_deleted.waits_for) AND waiter = p_waiter;
  RETURN v_deleted;
END $$;
