-- Lexemes of a text in NFKC: stems of its words without their accents, its words with them, its identifiers, and grams where
-- its scripts have no spaces. "café" is found by "cafe", and by "café" better.
-- (hint: fence.)
CREATE OR REPLACE FUNCTION popstash_unicode_tsvector(body text) RETURNS tsvector
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT popstash_stems(split.folded) || to_tsvector('simple'::regconfig, popstash_words(split.words))
      || array_to_tsvector(popstash_identifiers(body))
      || CASE WHEN body ~ '[\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u1aaf\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]'
           THEN popstash_grams(body) ELSE ''::tsvector END
    FROM (SELECT words, CASE WHEN octet_length(words) = char_length(words) THEN words ELSE popstash_fold(words) END AS folded
          FROM (SELECT popstash_spaced(body) AS words OFFSET 0) AS spaced OFFSET 0) AS split $$;
