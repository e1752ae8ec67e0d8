-- Whether no process holds an agent's liveness lock. Leaves only a shared lock until the end of the transaction.
CREATE OR REPLACE FUNCTION is_liveness_lock_free(p_agent text) RETURNS boolean
LANGUAGE sql AS $$ SELECT pg_try_advisory_xact_lock_shared(hashtextextended(p_agent, 78)) $$;
