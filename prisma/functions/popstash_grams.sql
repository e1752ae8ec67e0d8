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
