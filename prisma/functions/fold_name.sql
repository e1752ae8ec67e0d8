-- A name, key or topic as it is compared: names meet that differ by case or Unicode form only. Upper case first, so that
-- letters meet that have one upper case (ß and SS, ς and σ). By the rules of Unicode, whatever the database's locale; a
-- name in ASCII, as most are, takes the short way.
CREATE OR REPLACE FUNCTION fold_name(name text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  AS $$ SELECT CASE WHEN octet_length(name) = char_length(name) THEN lower(name COLLATE "C") COLLATE "default"
    ELSE normalize(lower(upper(normalize(name, NFKC) COLLATE "und-x-icu") COLLATE "und-x-icu"), NFKC) COLLATE "default" END $$;
