-- Until the end of the transaction nobody else corrects roll-ups or moves changes into them.
CREATE OR REPLACE FUNCTION lock_usage_rollups() RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(hashtextextended('usage roll-ups', 82)) $$;
