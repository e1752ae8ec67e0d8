CREATE OR REPLACE FUNCTION decision_search_text(topic text, decision text, reasoning text) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT concat_ws(E'\n', topic, decision, reasoning) $$;
