-- The boards on which an agent holds something or waits for something, and that of its own project.
CREATE OR REPLACE FUNCTION boards_of_agent(p_agent text) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN ARRAY(
    SELECT project_id FROM agents WHERE id = p_agent
    UNION SELECT project_id FROM locks WHERE agent_id = p_agent AND ended_at IS NULL
    UNION SELECT unnest(boards) FROM lock_waiters WHERE agent_id = p_agent);
END $$;
