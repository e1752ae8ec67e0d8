-- Cuts a memory's text into its lexical passages; called in the statement that writes the memory, and on
-- restore. (hint: fence.)
CREATE OR REPLACE FUNCTION cut_passages(body text)
  RETURNS TABLE (start_offset integer, end_offset integer, content_hash bytea, tsv tsvector, lexeme_count integer)
  LANGUAGE sql STABLE
  AS $$
    SELECT w.s, w.e, sha256(convert_to(w.part, 'UTF8')), v.tsv, popstash_length(v.tsv)
    FROM (SELECT s, least(s + 4000, length(body)) AS e, substr(body, s + 1, 4000) AS part
            FROM generate_series(0, greatest(length(body) - 401, 0), 3600) AS s) AS w,
         LATERAL (SELECT popstash_tsvector(w.part) AS tsv OFFSET 0) AS v
  $$;
