CREATE OR REPLACE FUNCTION insight_search_text(key text, content text, tags text[]) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT concat_ws(E'\n', key, content, nullif(array_to_string(tags, ' '), '')) $$;
