import { execFile } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { defineFileTask } from '../files/file-task.js';
import { runFileTask } from '../files/run-file-task.js';
import { identityTasks } from '../project/identity-tasks.js';
import { normaliseRemote } from './normalise-remote.js';

/** By which clones of one repository are known. */
export interface History {
  /**
   * Commits without parents that its branches lead to; empty before the first commit; null where they are not known, as in a
   * shallow clone.
   */
  rootCommits: string[] | null;
  /** Of `origin`, else of the first remote, normalised; null without one. */
  remote: string | null;
}

/** An agent's first call waits for it, in ms. */
const TIMEOUT_MS = 2_000;
/** A git that is killed has ended within this, in ms. */
const KILL_MS = 500;
const MAX_OUTPUT = 1_000_000;
/** Histories that were merged have several; this many are kept. */
const MAX_ROOT_COMMITS = 16;

/** A remote that is a folder is named by its real path. */
export const normaliseTask = defineFileTask('normalise-remote', (folder, address: string) =>
  normaliseRemote(address, folder),
);

/** What git tells of a repository. Never rejects: what git does not tell in time is not known. @param root git common directory */
export async function readHistory(root: string): Promise<History> {
  const [rootCommits, remote] = await Promise.all([readRootCommits(root), readRemote(root)]);
  return { rootCommits, remote };
}

async function readRootCommits(root: string): Promise<string[] | null> {
  const shallow = await runFileTask(identityTasks.lookAtRoot, join(root, 'shallow')).catch(() => null);
  if (shallow === null || shallow.exists) return null;
  // HEAD may name a branch that has no commit, or none at all.
  const output = await runGit(root, ['rev-list', '--max-parents=0', '--branches', '--remotes', '--']);
  if (output === null) return null;
  const found = output.split('\n').filter((line) => /^[0-9a-f]{40,64}$/.test(line));
  return [...new Set(found)].sort().slice(0, MAX_ROOT_COMMITS);
}

async function readRemote(root: string): Promise<string | null> {
  const output = await runGit(root, ['config', '--local', '--null', '--get-regexp', '^remote\\..*\\.url$']);
  const remotes = (output ?? '').split('\0').flatMap((entry) => {
    const [key = '', ...value] = entry.split('\n');
    return value.length === 0 ? [] : [{ key, address: value.join('\n') }];
  });
  const chosen = remotes.find(({ key }) => key === 'remote.origin.url') ?? remotes[0];
  if (!chosen) return null;
  const folder = basename(root) === '.git' ? dirname(root) : root;
  return await runFileTask(normaliseTask, folder, chosen.address).catch(() => null);
}

/**
 * What a command of git prints; null where it fails. The repository's own settings choose no program: nothing is fetched, and
 * no hook runs.
 */
function runGit(root: string, args: readonly string[]): Promise<string | null> {
  const safe = [`--git-dir=${root}`, '--no-replace-objects', '--no-optional-locks', '-c', 'protocol.allow=never'];
  const options = { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT, encoding: 'utf8' } as const;
  return new Promise((resolve) => {
    // One that waits for files which do not answer does not end, though it is killed.
    const timer = setTimeout(() => resolve(null), TIMEOUT_MS + KILL_MS);
    execFile('git', [...safe, ...args], options, (error, stdout) => {
      clearTimeout(timer);
      resolve(error ? null : stdout);
    });
  });
}
