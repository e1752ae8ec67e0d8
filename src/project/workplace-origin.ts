import type { WorktreePolicy } from './resolve-project.js';

/** What a client's process tells of where its agent works. */
export interface WorkplaceOrigin {
  cwd: string;
  /** The home folder of its user; this process's own where it is not told. */
  home?: string | undefined;
  /** POPSTASH_PROJECT. */
  project?: string | undefined;
  /** The folder that the client's own variables name. */
  clientFolder?: string | undefined;
  /** POPSTASH_WORKTREES; what it was before where it is not set. */
  acrossWorktrees?: WorktreePolicy | undefined;
}

/** POPSTASH_WORKTREES; undefined where it says neither. */
export function readWorktreePolicy(value: string | undefined): WorktreePolicy | undefined {
  const policy = value?.toLowerCase();
  return policy === 'warn' || policy === 'deny' ? policy : undefined;
}
