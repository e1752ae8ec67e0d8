-- A text without the accents of Latin letters, the signs of Arabic and Hebrew vowels, and the two dots of ё.
CREATE OR REPLACE FUNCTION popstash_fold(body text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT translate(replace(replace(replace(replace(replace(
      normalize(regexp_replace(regexp_replace(normalize(body, NFD), '([A-Za-z])[\u0300-\u036f]+', '\1', 'g'),
        '[\u0591-\u05c7\u0640\u064b-\u0652\u0670]', '', 'g'), NFC),
      'ß', 'ss'), 'æ', 'ae'), 'Æ', 'Ae'), 'œ', 'oe'), 'Œ', 'Oe'), 'øØđĐðłŁħıёЁ', 'oOdDdlLhiеЕ') $$;
