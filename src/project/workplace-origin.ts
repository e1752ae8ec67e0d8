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

/** Variables in which clients tell their servers and hooks the opened folder; the first of several, where it is a list. */
const FOLDER_VARIABLES = ['CLAUDE_PROJECT_DIR', 'CURSOR_PROJECT_DIR', 'WORKSPACE_FOLDER_PATHS', 'GEMINI_PROJECT_DIR'];

/** Free of imports at run time: a bridge starts through it. */
export function readClientFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const value = FOLDER_VARIABLES.map((name) => env[name]).find((folder) => folder !== undefined && folder !== '');
  return value?.split(',')[0]?.trim();
}

/** POPSTASH_WORKTREES; undefined where it says neither. */
export function readWorktreePolicy(value: string | undefined): WorktreePolicy | undefined {
  const policy = value?.toLowerCase();
  return policy === 'warn' || policy === 'deny' ? policy : undefined;
}
