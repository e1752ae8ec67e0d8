-- Takes the lock that an agent's process holds for as long as its connection lasts (docs/decisions/liveness.md). Waits
-- for the connection that has it now.
CREATE OR REPLACE FUNCTION hold_liveness_lock(p_agent text) RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_lock(hashtextextended(p_agent, 78)) $$;
