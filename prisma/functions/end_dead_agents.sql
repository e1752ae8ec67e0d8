-- Ends those of these agents whose process is dead. Whether there were any: then their locks are free.
CREATE OR REPLACE FUNCTION end_dead_agents(p_agents text[]) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  v_agent text;
  v_ended boolean := false;
BEGIN
  FOR v_agent IN SELECT DISTINCT unnest(p_agents) LOOP
    IF agent_liveness(v_agent) = 'dead' AND disconnect_agent(v_agent, 'process_gone') IS NOT NULL THEN v_ended := true; END IF;
  END LOOP;
  RETURN v_ended;
END $$;
