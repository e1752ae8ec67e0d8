-- Two names of one owner: the same agent, and not two of its sessions that know nothing of each other. A subagent's
-- session and the one it was started from are one owner; two subagents are not.
-- (In PL/pgSQL, which keeps its plan: a function in SQL is planned again by every statement that calls it.)
CREATE OR REPLACE FUNCTION is_same_owner(p_agent text, p_session text, p_other_agent text, p_other_session text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p_agent <> p_other_agent THEN RETURN false; END IF;
  IF p_session IS NULL OR p_other_session IS NULL OR p_session = p_other_session THEN RETURN true; END IF;
  RETURN EXISTS (SELECT 1 FROM sessions s WHERE (s.id = p_session AND s.parent_id = p_other_session)
                                             OR (s.id = p_other_session AND s.parent_id = p_session));
END $$;
