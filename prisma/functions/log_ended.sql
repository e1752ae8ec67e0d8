-- The activity of locks of one owner that have ended, and the notice for a holder that did not let go itself.
CREATE OR REPLACE FUNCTION log_ended(p_project text, p_agent text, p_session text, p_patterns text, p_locks jsonb, p_reason text, p_note text)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO activities (project_id, agent_id, session_id, type, description, metadata)
  VALUES (p_project, p_agent, p_session,
    CASE p_reason WHEN 'expired' THEN 'lock_expired' WHEN 'forced' THEN 'lock_forced' ELSE 'lock_released' END,
    left(CASE p_reason WHEN 'expired' THEN 'Expired: ' WHEN 'forced' THEN 'Released by force: ' ELSE 'Released: ' END
      || p_patterns, 300),
    jsonb_strip_nulls(jsonb_build_object('reason', p_reason, 'note', p_note, 'locks', p_locks)));
  IF p_reason IN ('expired', 'forced') THEN
    PERFORM leave_notice(p_project, p_agent, 'lock_lost',
      'Your lock on ' || left(p_patterns, 500) || CASE p_reason WHEN 'expired' THEN ' has expired.'
        ELSE ' was released by the user' || coalesce(': ' || p_note, '') || '.' END
        || ' Call acquire before you edit there again.',
      jsonb_build_object('locks', p_locks));
  END IF;
END $$;
