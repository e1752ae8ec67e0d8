import { defineFileTask } from '../files/file-task.js';
import { runFileTask } from '../files/run-file-task.js';
import type { Repository } from '../project/find-repository.js';
import { type Head, readHeadFiles, resolveRef } from './head-files.js';

export interface HeadReader {
  /** Null where the folder is not the top of a worktree. Never rejects. Reads files only: no git is waited for. */
  read(worktree: string): Promise<Head | null>;
  /** The commit of a branch; null where it is not there. Never rejects. */
  readBranch(repository: Repository, branch: string): Promise<string | null>;
}

export const headTask = defineFileTask('read-head', readHeadFiles);
export const refTask = defineFileTask('resolve-ref', (root, gitDir: string, ref: string) =>
  resolveRef({ root, gitDir }, ref),
);

export function createHeadReader(): HeadReader {
  return {
    read: (worktree) => runFileTask(headTask, worktree).catch(() => null),
    readBranch: ({ root, gitDir }, branch) =>
      runFileTask(refTask, root, gitDir, `refs/heads/${branch}`).catch(() => null),
  };
}
