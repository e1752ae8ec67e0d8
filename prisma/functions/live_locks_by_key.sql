-- Locks that have not ended, by their lookup key: board and literal prefix in one, compared by bytes. It is for
-- conditions on lookup_key. (hint: own condition, for the index locks_live_lookup_idx.)
CREATE OR REPLACE VIEW live_locks_by_key AS
  SELECT (project_id || '/' || literal_prefix) COLLATE "C" AS lookup_key, id, project_id, worktree, agent_id, session_id, key,
         is_glob, mode, token, expires_at
    FROM locks WHERE ended_at IS NULL AND literal_prefix IS NOT NULL;
