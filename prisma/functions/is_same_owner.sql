-- Two names of one owner: the same agent, and not two of its subagents. A subagent's session and every other one of its
-- agent are one owner; two subagents are not.
-- (In PL/pgSQL, which keeps its plan: a function in SQL is planned again by every statement that calls it.)
CREATE OR REPLACE FUNCTION is_same_owner(p_agent text, p_session text, p_other_agent text, p_other_session text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p_agent <> p_other_agent THEN RETURN false; END IF;
  IF p_session IS NULL OR p_other_session IS NULL OR p_session = p_other_session THEN RETURN true; END IF;
  RETURN (SELECT count(*) FROM sessions s WHERE s.id IN (p_session, p_other_session) AND s.subagent IS NOT NULL) < 2;
END $$;
