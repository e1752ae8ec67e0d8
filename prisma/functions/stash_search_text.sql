-- What a memory is searched by. One definition for writing, embedding and re-embedding.
CREATE OR REPLACE FUNCTION stash_search_text(name text, summary text, files text[]) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT concat_ws(E'\n', name, summary, nullif(array_to_string(files, E'\n'), '')) $$;
