-- Lexemes of an ASCII text: its word parts as english stems and its words as they are (so an exact match counts twice, and
-- FastAPI is found by "fast" and by "fastapi"), with positions; and its identifiers, without.
-- (hint: fence.)
CREATE OR REPLACE FUNCTION popstash_ascii_tsvector(body text) RETURNS tsvector
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT to_tsvector('english'::regconfig, popstash_word_parts(words)) || to_tsvector('simple'::regconfig, words)
      || array_to_tsvector(popstash_identifiers(body))
    FROM (SELECT popstash_words(body) AS words OFFSET 0) AS split $$;
