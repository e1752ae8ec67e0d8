-- Those of these agents whose process is dead but that have not been ended yet; null when there are none. They are ended
-- by the caller, in a transaction of their own: what they hold may be on boards that this one has not locked.
CREATE OR REPLACE FUNCTION dead_agents(p_agents text[]) RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
  v_agent text;
  v_dead text[];
BEGIN
  FOR v_agent IN SELECT DISTINCT unnest(p_agents) LOOP
    IF agent_liveness(v_agent) = 'dead' THEN v_dead := v_dead || v_agent; END IF;
  END LOOP;
  RETURN v_dead;
END $$;
