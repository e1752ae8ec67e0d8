-- Where each memory was written: worktree, branch, commit, and the contents of the files that it names. Older versions
-- that still run do not write it.
CREATE TABLE memory_origins (
  memory_id text PRIMARY KEY,
  worktree text NOT NULL,
  worktree_mark text,
  branch text,
  commit_id text,
  files jsonb NOT NULL DEFAULT '{}'
);
