-- Lexemes of a text. Nearly all texts are plain ASCII, and take the short way; both ways give the same for these.
CREATE OR REPLACE FUNCTION popstash_tsvector(body text) RETURNS tsvector
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT CASE WHEN octet_length(body) = char_length(body) THEN popstash_ascii_tsvector(body)
      ELSE popstash_unicode_tsvector(normalize(body, NFKC)) END $$;
