-- Until the end of the transaction nobody else writes entries of this client; the empty name is that of no known client.
CREATE OR REPLACE FUNCTION lock_usage_client(p_client text) RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(hashtextextended(p_client, 81)) $$;
