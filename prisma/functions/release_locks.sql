-- Releases an owner's locks on these paths. Not waited for on the disk, unless somebody may be granted them: a release
-- that a crash forgets leaves a lock that expires, and the next holder's commit waits for both.
--   p_boards       of the paths
--   p_paths        each with its worktree, as in a request
--   p_lookup_keys  of the paths
-- (hint: index plans.)
CREATE OR REPLACE FUNCTION release_locks(
  p_boards text[], p_agent text, p_session text, p_paths text[], p_lookup_keys text[]
) RETURNS SETOF locks
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
  PERFORM lock_boards(p_boards);
  IF NOT EXISTS (SELECT 1 FROM queue_on_boards(p_boards)) THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  RETURN QUERY SELECT * FROM close_locks(ARRAY(
    SELECT l.id FROM (
      SELECT * FROM live_locks_by_key WHERE lookup_key = ANY(p_lookup_keys) OFFSET 0 -- (hint: fence)
    ) l
    WHERE NOT l.is_glob AND l.worktree || '/' || l.key = ANY(p_paths) AND l.expires_at > clock_timestamp()
      AND l.agent_id = p_agent AND is_same_owner(p_agent, p_session, l.agent_id, l.session_id)), 'released');
END $$;
