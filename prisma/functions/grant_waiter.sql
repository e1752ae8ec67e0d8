-- Grants what a position in the queue asks for, on behalf of its process; null when something still blocks it, or may.
-- Under the boards' locks.
CREATE OR REPLACE FUNCTION grant_waiter(p_waiter lock_waiters) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  v_found record;
BEGIN
  v_found := find_lock_conflicts(p_waiter.request, p_waiter.free, p_waiter.overlapping, p_waiter.id);
  IF v_found.undecided IS NOT NULL OR v_found.blocking IS NOT NULL THEN RETURN NULL; END IF;
  RETURN jsonb_build_object('granted', grant_locks(p_waiter.request, p_waiter.id, v_found.is_near, v_found.seen_at),
                            'elsewhere', v_found.is_elsewhere, 'now', v_found.seen_at,
                            'expired', coalesce(v_found.expired, '[]'));
END $$;
