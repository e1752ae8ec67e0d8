import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runGit } from './run-git.js';

/**
 * `here`: made in this worktree. `rewritten`: a rebase of it made it of another one. `elsewhere`: made in another
 * worktree. `unknown`: no worktree has a record of it.
 */
export type CommitOrigin = 'here' | 'rewritten' | 'elsewhere' | 'unknown';

const MADE = /^(commit|cherry-pick|revert|am|merge .*: Merge made)\b/;
const REWRITTEN = /^(rebase|pull --rebase|pull .*--rebase)\b/;

/** Tells where commits were made, by what git logs of each worktree's HEAD. */
export function createOriginFinder(cwd: string): (id: string) => CommitOrigin {
  const [own = '', common = ''] = runGit(cwd, ['rev-parse', '--git-dir', '--git-common-dir'])
    .trim()
    .split('\n')
    .map((folder) => resolve(cwd, folder));
  const here = readLog(own);
  const others = [common, ...listFolders(join(common, 'worktrees'))].filter((folder) => folder !== own).map(readLog);
  return (id) => {
    const origin = here.get(id);
    if (origin === 'here') return origin;
    if (others.some((log) => log.has(id))) return 'elsewhere';
    return origin ?? 'unknown';
  };
}

/** Commits that were made in a worktree. @param gitDir of the worktree */
function readLog(gitDir: string): Map<string, CommitOrigin> {
  const origins = new Map<string, CommitOrigin>();
  for (const line of readText(join(gitDir, 'logs', 'HEAD')).split('\n')) {
    const [facts = '', message = ''] = line.split('\t');
    const id = facts.split(' ')[1] ?? '';
    if (MADE.test(message)) origins.set(id, 'here');
    else if (REWRITTEN.test(message) && !origins.has(id)) origins.set(id, 'rewritten');
  }
  return origins;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function listFolders(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}
