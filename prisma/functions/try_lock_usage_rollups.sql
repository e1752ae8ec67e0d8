-- Whether this transaction is the one that moves changes into roll-ups: one worker at a time does, the others pass.
CREATE OR REPLACE FUNCTION try_lock_usage_rollups() RETURNS boolean
LANGUAGE sql AS $$ SELECT pg_try_advisory_xact_lock(hashtextextended('usage roll-ups', 82)) $$;
