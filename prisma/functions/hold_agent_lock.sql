-- Takes the lock that an agent's process holds for as long as its connection lasts (see agent_liveness). Waits for the
-- connection that has it now.
CREATE OR REPLACE FUNCTION hold_agent_lock(p_agent text) RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_lock(hashtextextended(p_agent, 78)) $$;
