-- Identifiers that have parts or a number (PROJ-1234, lib/auth.ts, parseConfig, max_size, v1.2.3, 90210), whole, in lower
-- case, each led by '=' so that none is ever taken for a word.
CREATE OR REPLACE FUNCTION popstash_identifiers(body text) RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT coalesce(array_agg(DISTINCT '=' || lower(m[1])), '{}')
    FROM regexp_matches(body, '([A-Za-z0-9]+(?:[-_./:@#]+[A-Za-z0-9]+)+|[A-Za-z0-9]*[a-z0-9][A-Z][A-Za-z0-9]*|[A-Za-z]+[0-9][A-Za-z0-9]*|[0-9][A-Za-z0-9]{2,})', 'g') AS m
    WHERE length(m[1]) BETWEEN 3 AND 120 AND m[1] ~ '[0-9_./:@#]|[a-z][A-Z]' $$;
