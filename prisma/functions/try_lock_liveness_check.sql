-- Whether this transaction is the one that looks for dead agents: one process at a time does, the others pass.
CREATE OR REPLACE FUNCTION try_lock_liveness_check() RETURNS boolean
LANGUAGE sql AS $$ SELECT pg_try_advisory_xact_lock(hashtextextended('liveness', 79)) $$;
