-- Words taken apart further: parseHTTPConfig -> parse HTTP Config, utf8 -> utf 8.
CREATE OR REPLACE FUNCTION popstash_word_parts(words text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT regexp_replace(regexp_replace(regexp_replace(words,
    '([a-z0-9])([A-Z])', '\1 \2', 'g'), '([A-Z])([A-Z][a-z])', '\1 \2', 'g'),
    '([A-Za-z])(?=[0-9])|([0-9])(?=[A-Za-z])', '\1\2 ', 'g') $$;
