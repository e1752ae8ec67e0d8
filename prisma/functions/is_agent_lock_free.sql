-- Whether no process holds the agent's lock (see hold_agent_lock). Keeps nothing that would hinder its process: a shared
-- lock, which ends with the transaction.
CREATE OR REPLACE FUNCTION is_agent_lock_free(p_agent text) RETURNS boolean
LANGUAGE sql AS $$ SELECT pg_try_advisory_xact_lock_shared(hashtextextended(p_agent, 78)) $$;
