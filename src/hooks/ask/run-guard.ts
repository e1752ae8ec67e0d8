import { readFileSync } from 'node:fs';
import { chooseDataDir, chooseGuard, chooseHookMode, type Environment, type GuardMode } from '../../config.js';
import { AppError } from '../../errors.js';
import type { HookRequest } from '../../ipc/control-protocol.js';
import { listEndpoints } from '../../ipc/list-endpoints.js';
import { findGitCommand, isImport } from '../identify/find-git-command.js';
import { isBelowClient } from '../identify/is-below-client.js';
import { askAboutFiles, type GuardSubject } from './ask-about-files.js';
import type { GuardAnswer } from './ask-guard.js';
import { findStagedTree, findTop, hasFiles, listStagedFiles } from './list-commit-files.js';
import { listEnvironments } from './list-environments.js';
import { listMadeCommits } from './list-made-commits.js';
import { listPushedCommits, listRemoteCommits } from './list-pushed-commits.js';
import { listTeamEndpoints } from './team-endpoint.js';
import { rememberTold, wasTold } from './told-tree.js';
import { describeWayBack } from './unfinished-command.js';

/** A commit may wait longer than an edit, in ms. */
const TIMEOUT_MS = 5_000;
/** A rebase moves a HEAD once for each of its commits. In ms. */
const REFS_TIMEOUT_MS = 2_000;
/** Pause before a server that gave no verdict is asked again, in ms. */
const RETRY_MS = 250;
/** Servers that are asked, where processes above this one name others than its own. */
const MAX_SERVERS = 3;

export interface GuardOptions {
  dataDir?: string;
  project?: string;
  /** A text with the commands in it as they work here. */
  word?(text: string): string;
  /** The program that runs the guard shows its output only when it refuses. */
  isUnheard?: boolean;
  /** What git says to a push on stdin, where another program has read it. */
  refs?: string;
}

/** What the guard prints on stderr, and whether it refuses. */
export interface GuardOutcome {
  message: string;
  isRefused: boolean;
}

const PASSED: GuardOutcome = { message: '', isRefused: false };

/**
 * Asks about the files that are staged in the current folder.
 * @param merged the commits of a merge that git commits by itself
 * @throws AppError `not_found` outside a git worktree
 */
export async function guardStaged(
  env: Environment,
  options: GuardOptions,
  merged: readonly string[] = [],
): Promise<GuardOutcome> {
  const guard = openGuard(env, 'pre-commit', options);
  const files = readGit(() => listStagedFiles(guard.top, merged));
  if (files.length === 0) return PASSED;
  const tree = findStagedTree(guard.top);
  const outcome = await guard.decide(await guard.ask({ files, tree }));
  if (outcome.isRefused) return withWayBack(outcome, guard.top, merged.length > 0 ? 'merge' : null);
  if (outcome.message !== '' && !options.isUnheard) rememberTold(guard.top, tree);
  return outcome;
}

/**
 * Asks about the commits that git is about to put on a branch, a tag or a HEAD, as it names them on stdin: also those that
 * no other hook sees. What is fetched, and what the repository had before, is no matter of the guard.
 */
export async function guardRefs(env: Environment, options: GuardOptions): Promise<GuardOutcome> {
  const transaction = readInput();
  // A repository without files of its own has none that an agent could hold.
  if (!hasFiles(process.cwd())) return PASSED;
  try {
    return await checkRefs(env, options, transaction);
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim() : String(error);
    const isRefused = chooseGuard(env) === 'guarded';
    return {
      message: `PopStash could not check this commit: ${reason}${isRefused ? '' : ' It goes on all the same.'}`,
      isRefused,
    };
  }
}

async function checkRefs(env: Environment, options: GuardOptions, transaction: string): Promise<GuardOutcome> {
  const guard = openGuard(env, 'pre-commit', options, REFS_TIMEOUT_MS);
  const { commits, unchecked } = listMadeCommits(guard.top, transaction);
  if (commits.length === 0) return PASSED;
  const command = await findGitCommand(process.pid);
  if (isImport(command)) return PASSED;
  const outcome = await guard.decide(await guard.ask({ commits }), unchecked);
  const isTold = wasTold(guard.top, commits);
  if (outcome.isRefused) return withWayBack(outcome, guard.top, command);
  return isTold ? PASSED : outcome;
}

/** @param command of git that is refused; null for a plain commit */
function withWayBack(outcome: GuardOutcome, top: string, command: string | null): GuardOutcome {
  const back = describeWayBack(top, command);
  return { ...outcome, message: back === '' ? outcome.message : `${outcome.message}\n${back}` };
}

/**
 * Asks about the commits that are about to be pushed, as git names them on stdin.
 * @param remote its name, as git gives it to the hook, or its URL @param url where the push goes
 * @throws AppError `not_found` outside a git worktree
 */
export async function guardPushed(
  env: Environment,
  options: GuardOptions,
  remote: string | undefined,
  url: string | undefined,
): Promise<GuardOutcome> {
  const refs = options.refs ?? readInput();
  const guard = openGuard(env, 'pre-push', options);
  const target = { remote, url, refs };
  const { commits, unchecked } = readGit(() => listPushedCommits(guard.top, target));
  if (commits.length === 0 && unchecked === undefined) return PASSED;
  const answer = await guard.ask({ commits });
  if (typeof answer === 'string') return guard.decide(answer);
  if (answer.decision === 'pass' && unchecked === undefined) return guard.decide(answer);
  // Before anything is said, the remote itself is asked: what it has is not published by this push.
  const known = listRemoteCommits(guard.top, target, env);
  if (known.length === 0) return guard.decide(answer, unchecked);
  const left = readGit(() => listPushedCommits(guard.top, target, known));
  if (left.commits.length === 0 && left.unchecked === undefined) return PASSED;
  const isSame = left.commits.length === commits.length && left.unchecked === unchecked;
  return guard.decide(isSame ? answer : await guard.ask({ commits: left.commits }), left.unchecked);
}

function readInput(): string {
  return process.stdin.isTTY ? '' : readFileSync(0, 'utf8');
}

function openGuard(env: Environment, event: 'pre-commit' | 'pre-push', options: GuardOptions, timeoutMs = TIMEOUT_MS) {
  const mode = chooseGuard(env);
  const { word = (text: string) => text } = options;
  const top = readGit(() => findTop(process.cwd()));
  const request: HookRequest = {
    popstash: 'hook',
    version: '1',
    pid: process.pid,
    event,
    client: 'git',
    cwd: top,
    override: env.POPSTASH_OVERRIDE,
    // `off` is a person's to say: the server finds out who said it.
    guard: mode,
  };
  const environments = listEnvironments(env);
  return {
    top,
    async ask(subject: GuardSubject): Promise<GuardAnswer> {
      const answers: GuardAnswer[] = [];
      for (const { dataDir, storage, project, team } of listServers(environments, options)) {
        const endpoints = () => [...listEndpoints(dataDir, storage), ...listTeamEndpoints({ ...env, ...team })];
        const about = (left: number) => askAboutFiles(endpoints(), { ...request, project }, subject, left);
        answers.push(await askUntilAnswered(timeoutMs, about));
      }
      return chooseStrictest(answers);
    },
    /** @param unread why not all was asked about; undefined where it was */
    async decide(answer: GuardAnswer, unread?: string): Promise<GuardOutcome> {
      const verdict = typeof answer === 'string' ? null : answer;
      if (verdict?.decision === 'deny') return { message: verdict.message ?? '', isRefused: true };
      const unchecked = unread ?? verdict?.unchecked;
      if (verdict && unchecked === undefined) return { message: verdict.message ?? '', isRefused: false };
      const isAgents = await isBelowClient(process.pid);
      const isGuarded = isAgents && environments.some((each) => chooseGuard(each) === 'guarded');
      const outcome = decideAlone(isGuarded ? 'guarded' : mode, {
        why: unchecked ?? (answer === 'absent' ? 'no server of it runs' : 'its server does not answer'),
        isSilent: answer === 'absent' && unchecked === undefined,
        isOverridden: env.POPSTASH_OVERRIDE !== undefined,
        isAgents,
      });
      const message = [verdict?.message, word(outcome.message)].filter(Boolean).join('\n');
      return { ...outcome, message };
    },
  };
}

interface AskedServer {
  dataDir: string;
  storage: 'embedded' | 'server';
  project: string | undefined;
  /** POPSTASH_URL and POPSTASH_TOKEN, where they are set, with the data folder that belongs to them. */
  team: Environment;
}

/** The servers that each environment names, each once. What the hook's own command sets comes before them. */
function listServers(environments: readonly Environment[], options: GuardOptions): AskedServer[] {
  const servers = environments.map((env): AskedServer => {
    const { POPSTASH_URL, POPSTASH_TOKEN } = env;
    const dataDir = chooseDataDir({ ...env, POPSTASH_DATA_DIR: options.dataDir ?? env.POPSTASH_DATA_DIR });
    return {
      dataDir,
      storage: chooseHookMode(env),
      project: options.project ?? env.POPSTASH_PROJECT,
      team: { POPSTASH_URL, POPSTASH_TOKEN, POPSTASH_DATA_DIR: dataDir },
    };
  });
  return [...new Map(servers.map((server) => [JSON.stringify(server), server])).values()].slice(0, MAX_SERVERS);
}

/** Of several servers: one that refuses, then one that says something, then one that answers. */
function chooseStrictest(answers: readonly GuardAnswer[]): GuardAnswer {
  const rank = (answer: GuardAnswer) => ORDER.indexOf(typeof answer === 'string' ? answer : answer.decision);
  return [...answers].sort((a, b) => rank(a) - rank(b))[0] ?? 'absent';
}

const ORDER = ['deny', 'tell', 'pass', 'silent', 'absent'];

/** Asks again where a server gave no verdict: a short failure of the database must not decide over a commit. */
async function askUntilAnswered(
  timeoutMs: number,
  ask: (leftMs: number) => Promise<GuardAnswer>,
): Promise<GuardAnswer> {
  const started = performance.now();
  const left = () => timeoutMs - (performance.now() - started);
  for (;;) {
    const answer = await ask(left());
    if (answer !== 'silent' || left() <= RETRY_MS) return answer;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

interface Unknown {
  why: string;
  /** No server runs. */
  isSilent: boolean;
  isOverridden: boolean;
  /** By the names of the processes above, all that is known here. */
  isAgents: boolean;
}

/** The outcome where no server gives a verdict, or not about all. A person whose server does not run has no agents at work. */
function decideAlone(mode: GuardMode, { why, isSilent, isOverridden, isAgents }: Unknown): GuardOutcome {
  if (mode !== 'guarded' || (isOverridden && !isAgents)) {
    if ((isSilent && !isAgents) || mode === 'off') return PASSED;
    const message = `PopStash did not check this: ${why} (popstash doctor says more). It goes on all the same.`;
    return { message, isRefused: false };
  }
  const fix = isAgents
    ? 'Call the popstash tool ping, then try again; if it stays so, ask the user.'
    : `Start it (popstash up), find out what is wrong (popstash doctor), or go on all the same: POPSTASH_OVERRIDE="reason" git …`;
  const message = `PopStash can't tell whether these files are free: ${why}, and POPSTASH_GUARD is "guarded".\n${fix}`;
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
