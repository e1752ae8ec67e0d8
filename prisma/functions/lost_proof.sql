-- Whether the process of an agent that proves its life is gone: nobody holds the advisory lock of its id, and that was
-- first seen at least a second ago (a front whose connection broke takes it anew within that). Not asked for a while
-- after the database itself has started, when every front is still on its way back.
CREATE OR REPLACE FUNCTION lost_proof(p_agent text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  v_agent agents;
BEGIN
  SELECT * INTO v_agent FROM agents WHERE id = p_agent;
  IF v_agent.id IS NULL OR NOT v_agent.proves_life OR v_agent.status = 'disconnected' THEN RETURN 'no'; END IF;
  IF NOT is_agent_lock_free(p_agent) THEN
    IF v_agent.proof_lost_at IS NOT NULL THEN UPDATE agents SET proof_lost_at = NULL WHERE id = p_agent; END IF;
    RETURN 'no';
  END IF;
  IF v_agent.proof_lost_at IS NULL THEN
    UPDATE agents SET proof_lost_at = clock_timestamp() WHERE id = p_agent;
    RETURN 'suspected';
  END IF;
  IF v_agent.proof_lost_at > clock_timestamp() - interval '1 second'
     OR pg_postmaster_start_time() > clock_timestamp() - interval '10 seconds' THEN RETURN 'suspected'; END IF;
  RETURN 'gone';
END $$;
