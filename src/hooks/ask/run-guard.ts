import { readFileSync } from 'node:fs';
import { chooseDataDir, chooseGuard, chooseMode, type Environment, type GuardMode } from '../../config.js';
import { AppError } from '../../errors.js';
import type { HookRequest } from '../../ipc/control-protocol.js';
import { listEndpoints } from '../../ipc/list-endpoints.js';
import { askAboutFiles } from './ask-about-files.js';
import type { GuardAnswer } from './ask-guard.js';
import { findTop, listPushedFiles, listStagedFiles } from './list-commit-files.js';

/** A commit may wait longer than an edit, in ms. */
const TIMEOUT_MS = 5_000;
/** Pause before a server that gave no verdict is asked again, in ms. */
const RETRY_MS = 250;

export interface GuardOptions {
  dataDir?: string;
  project?: string;
}

/** What the guard prints on stderr, and whether it refuses. */
export interface GuardOutcome {
  message: string;
  isRefused: boolean;
}

const PASSED: GuardOutcome = { message: '', isRefused: false };

/** Asks about the files that are staged in the current folder. @throws AppError `not_found` outside a git worktree */
export function guardStaged(env: Environment, options: GuardOptions): Promise<GuardOutcome> {
  return guard(env, 'pre-commit', options, listStagedFiles);
}

/**
 * Asks about the commits that are about to be pushed, as git names them on stdin.
 * @param remote its name, as git gives it to the hook
 * @throws AppError `not_found` outside a git worktree
 */
export function guardPushed(
  env: Environment,
  options: GuardOptions,
  remote: string | undefined,
): Promise<GuardOutcome> {
  const refs = process.stdin.isTTY ? '' : readFileSync(0, 'utf8');
  return guard(env, 'pre-push', options, (top) => listPushedFiles(top, remote, refs));
}

async function guard(
  env: Environment,
  event: 'pre-commit' | 'pre-push',
  options: GuardOptions,
  list: (top: string) => string[],
): Promise<GuardOutcome> {
  const mode = chooseGuard(env);
  if (mode === 'off') return PASSED;
  const top = readGit(() => findTop(process.cwd()));
  const files = readGit(() => list(top));
  if (files.length === 0) return PASSED;
  const request: HookRequest = {
    popstash: 'hook',
    version: '1',
    pid: process.pid,
    event,
    client: 'git',
    cwd: top,
    project: options.project ?? env.POPSTASH_PROJECT,
    override: env.POPSTASH_OVERRIDE,
  };
  const dataDir = chooseDataDir({ ...env, POPSTASH_DATA_DIR: options.dataDir ?? env.POPSTASH_DATA_DIR });
  const endpoints = () => listEndpoints(dataDir, chooseMode(env));
  const answer = await askUntilAnswered((left) => askAboutFiles(endpoints(), request, files, left));
  if (typeof answer === 'string') return decideAlone(mode, answer, env.POPSTASH_OVERRIDE !== undefined);
  return { message: answer.message ?? '', isRefused: answer.decision === 'deny' };
}

/** Asks again where a server gave no verdict: a short failure of the database must not decide over a commit. */
async function askUntilAnswered(ask: (leftMs: number) => Promise<GuardAnswer>): Promise<GuardAnswer> {
  const started = performance.now();
  const left = () => TIMEOUT_MS - (performance.now() - started);
  for (;;) {
    const answer = await ask(left());
    if (answer !== 'silent' || left() <= RETRY_MS) return answer;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** The outcome where no server gives a verdict. */
function decideAlone(mode: GuardMode, answer: 'absent' | 'silent', isOverridden: boolean): GuardOutcome {
  if (mode === 'advisory' || isOverridden) {
    if (answer === 'absent') return PASSED;
    const message =
      'PopStash did not check this: its server does not answer (popstash doctor says more). It goes on all the same.';
    return { message, isRefused: false };
  }
  const why = answer === 'absent' ? 'no server of it runs' : 'its server does not answer';
  const message =
    `PopStash can't tell whether these files are free: ${why}, and POPSTASH_GUARD is "guarded".\n` +
    `Start it (popstash up), find out what is wrong (popstash doctor), or go on all the same: POPSTASH_OVERRIDE="reason" git …`;
  return { message, isRefused: true };
}

function readGit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new AppError({
      code: 'not_found',
      message: `git can't tell which files these are: ${error instanceof Error ? error.message.trim() : String(error)}`,
      fix: 'Run it in a git worktree, as its pre-commit or pre-push hook does (popstash init installs them).',
    });
  }
}
