-- The activity of locks of one owner that have ended, and the notice for a holder that did not let go itself.
CREATE OR REPLACE FUNCTION log_ended_locks(
  p_project text, p_agent text, p_session text, p_patterns text, p_locks jsonb, p_reason lock_end_reason, p_note text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_facts jsonb := jsonb_strip_nulls(jsonb_build_object('reason', p_reason, 'note', p_note, 'locks', p_locks));
BEGIN
  INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
  VALUES (p_project, p_agent, p_session,
    CASE p_reason WHEN 'expired' THEN 'lock_expired' WHEN 'forced' THEN 'lock_forced' ELSE 'lock_released' END,
    left(p_patterns, 300), v_facts);
  IF p_reason IN ('expired', 'forced') THEN PERFORM leave_notice(p_project, p_agent, 'lock_lost', v_facts); END IF;
END $$;
