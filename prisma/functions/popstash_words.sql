-- Words of a text: punctuation away. Only ASCII is named, so that other scripts stay whole and every locale gives the same.
CREATE OR REPLACE FUNCTION popstash_words(body text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT regexp_replace(body, '[]\[[:space:]!"#$%&''()*+,./:;<=>?@\\^_`{|}~-]+', ' ', 'g') $$;
