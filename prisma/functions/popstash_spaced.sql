-- A text in NFKC with blanks in the place of what PostgreSQL's parser would take for letters in some locales: punctuation
-- and symbols beyond ASCII, and scripts without spaces between words, which popstash_grams cuts.
CREATE OR REPLACE FUNCTION popstash_spaced(body text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT regexp_replace(body, '[\u00a0-\u00bf\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u1aaf\u2000-\u206f\u2190-\u2bff\u2e80-\ua4cf\ua960-\ua97f\ua980-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\U0001f000-\U0003ffff]+', ' ', 'g') $$;
