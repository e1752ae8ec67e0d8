-- Waits for the project's lock, which lasts to the end of the transaction. All that grants or ends locks takes it before
-- it touches a row: two transactions that write the same rows never meet.
CREATE OR REPLACE FUNCTION lock_project(p_project text) RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(hashtextextended(p_project, 77)) $$;
