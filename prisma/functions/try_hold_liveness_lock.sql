-- As hold_liveness_lock, without waiting: whether the connection has the lock now.
CREATE OR REPLACE FUNCTION try_hold_liveness_lock(p_agent text) RETURNS boolean
LANGUAGE sql AS $$ SELECT pg_try_advisory_lock(hashtextextended(p_agent, 78)) $$;
