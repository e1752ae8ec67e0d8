-- Which life of the data this server leads: a standby that becomes the primary begins another one.
CREATE OR REPLACE FUNCTION current_timeline() RETURNS text
LANGUAGE sql STABLE AS $$ SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8) $$;
