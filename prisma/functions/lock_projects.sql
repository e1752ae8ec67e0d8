-- Until the end of the transaction nobody else decides which project a place belongs to, or joins projects.
CREATE OR REPLACE FUNCTION lock_projects() RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(hashtextextended('projects', 83)) $$;
