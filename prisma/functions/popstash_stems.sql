-- Stems of a text's word parts: English ones, and by its script Russian, Hindi, Greek or Arabic ones. (The parsers of the
-- last two would stem ASCII words too, so they get the letters of their scripts only.)
CREATE OR REPLACE FUNCTION popstash_stems(words text) RETURNS tsvector
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT to_tsvector(CASE WHEN words ~ '[\u0400-\u052f]' THEN 'russian'::regconfig
        WHEN words ~ '[\u0900-\u097f]' THEN 'hindi'::regconfig ELSE 'english'::regconfig END,
      popstash_word_parts(popstash_words(words)))
    || CASE WHEN words ~ '[\u0386-\u03ce]{2}' THEN to_tsvector('greek'::regconfig, regexp_replace(words, '[^\u0386-\u03ce]+', ' ', 'g'))
         WHEN words ~ '[\u0621-\u064a]' THEN to_tsvector('arabic'::regconfig, regexp_replace(words, '[^\u0621-\u06ff]+', ' ', 'g'))
         ELSE ''::tsvector END $$;
