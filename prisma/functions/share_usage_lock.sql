-- Waits for whoever changes all entries of the ledger. Taken by all that writes entries, to the end of the transaction,
-- before lock_usage_client.
CREATE OR REPLACE FUNCTION share_usage_lock() RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock_shared(hashtextextended('usage', 80)) $$;
