-- A liveness lock says on which timeline of the server it was last held: a standby that becomes the primary has none of them.
ALTER TABLE agents ADD COLUMN liveness_timeline text;

-- == Functions and views, as in prisma/functions

-- Which life of the data this server leads: a standby that becomes the primary begins another one.
CREATE OR REPLACE FUNCTION current_timeline() RETURNS text
LANGUAGE sql STABLE AS $$ SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8) $$;

-- Whether the process of an agent lives. Dead: the agent was ended, or nobody holds its liveness lock, which was first
-- seen free at least a second ago (a front whose connection broke takes it again within that). Suspected: free, but not
-- for long enough, or the database itself has started in the last ten seconds, when all fronts are on their way back. Also
-- for ten seconds when it was last held on another timeline: a standby that became the primary has none of these locks.
-- An agent without a liveness lock counts as alive; what ends it is its silence.
CREATE OR REPLACE FUNCTION agent_liveness(p_agent text) RETURNS liveness
LANGUAGE plpgsql AS $$
DECLARE
  v_agent agents;
BEGIN
  SELECT * INTO v_agent FROM agents WHERE id = p_agent;
  IF v_agent.id IS NULL OR v_agent.status = 'disconnected' THEN RETURN 'dead'; END IF;
  IF NOT v_agent.has_liveness_lock THEN RETURN 'alive'; END IF;
  IF NOT is_liveness_lock_free(p_agent) THEN
    IF v_agent.suspected_at IS NOT NULL THEN UPDATE agents SET suspected_at = NULL WHERE id = p_agent; END IF;
    RETURN 'alive';
  END IF;
  IF v_agent.liveness_timeline IS DISTINCT FROM current_timeline() THEN
    UPDATE agents SET suspected_at = clock_timestamp() + interval '9 seconds', liveness_timeline = current_timeline()
    WHERE id = p_agent;
    RETURN 'suspected';
  END IF;
  IF v_agent.suspected_at IS NULL THEN
    UPDATE agents SET suspected_at = clock_timestamp() WHERE id = p_agent;
    RETURN 'suspected';
  END IF;
  IF v_agent.suspected_at > clock_timestamp() - interval '1 second'
     OR pg_postmaster_start_time() > clock_timestamp() - interval '10 seconds' THEN RETURN 'suspected'; END IF;
  RETURN 'dead';
END $$;
