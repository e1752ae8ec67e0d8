-- The name of an agent that connects: the one that it has, else the one that its client's session had, else the first of
-- these that no connected agent has; best one that nobody in its project had lately, so that yesterday's agent is not taken
-- for it. Two agents may choose the same at once: the index agents_living_name_key refuses one of them, which asks again.
CREATE OR REPLACE FUNCTION choose_agent_name(p_agent text, p_project text, p_session text, p_names text[]) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT w.name FROM (
    SELECT name, 0 AS rank FROM agents WHERE id = p_agent AND client IS NOT NULL
    UNION ALL
    (SELECT name, 1 FROM agents
     WHERE project_id = p_project AND client_session = p_session AND client IS NOT NULL AND id <> p_agent
     ORDER BY connected_at DESC LIMIT 1)
    UNION ALL
    SELECT name, 1 + position FROM unnest(p_names) WITH ORDINALITY AS n (name, position)
  ) w
  WHERE NOT EXISTS (
    SELECT 1 FROM agents a WHERE a.name = w.name AND a.status = 'active' AND a.client IS NOT NULL AND a.id <> p_agent)
  ORDER BY w.rank > 1 AND EXISTS (
    SELECT 1 FROM agents a WHERE a.project_id = p_project AND a.name = w.name AND a.last_seen_at > now() - interval '7 days'
  ), w.rank LIMIT 1;
$$;
