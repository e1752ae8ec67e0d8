-- Words of every script: texts without spaces between words are cut into grams, accents fold, forms of width are one.
-- Texts in ASCII have the lexemes that they had; older passages of other texts get theirs from the job `maintenance`.

CREATE TABLE lexeme_passes (
  name       text PRIMARY KEY,
  done_id    bigint NOT NULL DEFAULT 0,
  last_id    bigint NOT NULL,
  updated_at timestamptz(6) NOT NULL DEFAULT now()
);
INSERT INTO lexeme_passes (name, last_id) SELECT 'every script', max(id) FROM passages HAVING max(id) IS NOT NULL;

-- == Functions and views, as in prisma/functions

-- Lexemes of an ASCII text: its word parts as english stems and its words as they are (so an exact match counts twice, and
-- FastAPI is found by "fast" and by "fastapi"), with positions; and its identifiers, without.
-- (hint: fence.)
CREATE OR REPLACE FUNCTION popstash_ascii_tsvector(body text) RETURNS tsvector
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT to_tsvector('english'::regconfig, popstash_word_parts(words)) || to_tsvector('simple'::regconfig, words)
      || array_to_tsvector(popstash_identifiers(body))
    FROM (SELECT popstash_words(body) AS words OFFSET 0) AS split $$;

-- A text without the accents of Latin letters, the signs of Arabic and Hebrew vowels, and the two dots of ё.
CREATE OR REPLACE FUNCTION popstash_fold(body text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT translate(replace(replace(replace(replace(replace(
      normalize(regexp_replace(regexp_replace(normalize(body, NFD), '([A-Za-z])[\u0300-\u036f]+', '\1', 'g'),
        '[\u0591-\u05c7\u0640\u064b-\u0652\u0670]', '', 'g'), NFC),
      'ß', 'ss'), 'æ', 'ae'), 'Æ', 'Ae'), 'œ', 'oe'), 'Œ', 'Oe'), 'øØđĐðłŁħıёЁ', 'oOdDdlLhiеЕ') $$;

-- Lexemes of scripts without spaces between words, and of Korean, whose words carry their particles: each pair of adjacent
-- characters; of Thai, Lao, Burmese, Khmer and their like, which are alphabets, each three as well; of Han and Hangul each
-- character by itself, which may be a word. The text is in NFKC. No dictionary: a word is cut alike in every sentence.
-- src/memory/search/segment-query.ts cuts the words of a query in the same way.
CREATE OR REPLACE FUNCTION popstash_grams(body text) RETURNS tsvector
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$
    SELECT coalesce(string_agg('''' || g.gram || ''':' || least(c.n, 16383), ' '), '')::tsvector
    FROM (
      SELECT c, n, ascii(c) AS code, lead(c, 1, ' ') OVER running AS second, lead(c, 2, ' ') OVER running AS third
      FROM unnest(string_to_array(regexp_replace(body,
        '[^\u0e01-\u0e2e\u0e30-\u0e3e\u0e40-\u0e4e\u0e50-\u0e59\u0e80-\u0f00\u0f20-\u0f33\u0f40-\u1049\u1050-\u109f\u1100-\u11ff\u1780-\u17d3\u17d7\u17dc-\u17ff\u1950-\u1a9f\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3100-\ua4cf\ua960-\ua97f\ua980-\ua9c0\ua9cf-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]+',
        ' ', 'g'), NULL)) WITH ORDINALITY AS u(c, n)
      WINDOW running AS (ORDER BY n)
    ) c, LATERAL (
      SELECT c.c WHERE c.code BETWEEN 13312 AND 40959 OR c.code BETWEEN 44032 AND 55203 OR c.code >= 131072
      UNION ALL SELECT c.c || c.second WHERE c.second <> ' '
      UNION ALL SELECT c.c || c.second || c.third WHERE c.second <> ' ' AND c.third <> ' '
        AND (c.code BETWEEN 3584 AND 4255 OR c.code BETWEEN 6016 AND 6143 OR c.code BETWEEN 6480 AND 6831
          OR c.code BETWEEN 43392 AND 43647)
    ) AS g(gram)
    WHERE c.c <> ' '
  $$;

-- A text in NFKC with blanks in the place of what PostgreSQL's parser would take for letters in some locales: punctuation
-- and symbols beyond ASCII, and scripts without spaces between words, which popstash_grams cuts.
CREATE OR REPLACE FUNCTION popstash_spaced(body text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT regexp_replace(body, '[\u00a0-\u00bf\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u1aaf\u2000-\u206f\u2190-\u2bff\u2e80-\ua4cf\ua960-\ua97f\ua980-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\U0001f000-\U0003ffff]+', ' ', 'g') $$;

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

-- Lexemes of a text. Nearly all texts are plain ASCII, and take the short way; both ways give the same for these.
CREATE OR REPLACE FUNCTION popstash_tsvector(body text) RETURNS tsvector
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT CASE WHEN octet_length(body) = char_length(body) THEN popstash_ascii_tsvector(body)
      ELSE popstash_unicode_tsvector(normalize(body, NFKC)) END $$;
