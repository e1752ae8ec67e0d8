-- Until the end of the transaction nobody else writes entries of the ledger.
CREATE OR REPLACE FUNCTION lock_usage() RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(hashtextextended('usage', 80)) $$;
