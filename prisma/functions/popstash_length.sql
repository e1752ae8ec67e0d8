-- Length of a text for BM25: how many words its lexemes stand for.
CREATE OR REPLACE FUNCTION popstash_length(tsv tsvector) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT coalesce(sum(cardinality(positions)), 0)::integer FROM unnest(tsv) $$;
