import type { Pool } from 'pg';
import type { MemoryOrigin } from './origin-types.js';

export type OriginRepository = ReturnType<typeof createOriginRepository>;

/** Column `origin`, a MemoryOrigin or null. @param id of the memory, in SQL */
export function selectOrigin(id: string): string {
  return `(SELECT json_build_object('worktree', o.worktree, 'worktreeMark', o.worktree_mark, 'branch', o.branch,
      'commit', o.commit_id, 'files', o.files) FROM memory_origins o WHERE o.memory_id = ${id}) AS origin`;
}

export function createOriginRepository(pool: Pool) {
  return {
    /** Writes where a memory was written, once. */
    async save(memoryId: string, { worktree, worktreeMark, branch, commit, files }: MemoryOrigin): Promise<void> {
      await pool.query({
        name: 'origin_save',
        text: `INSERT INTO memory_origins (memory_id, worktree, worktree_mark, branch, commit_id, files)
          VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (memory_id) DO NOTHING`,
        values: [memoryId, worktree, worktreeMark, branch, commit, JSON.stringify(files)],
      });
    },
  };
}
