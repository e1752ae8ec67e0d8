import type { Environment } from '../../config.js';
import { createOriginFinder, type OriginFinder } from './find-origins.js';
import { type ListedCommits, NO_COMMITS, type PushedCommit } from './listed-commits.js';
import { hasCommit, runGit } from './run-git.js';

/** Where a push goes, as git tells the hook. */
export interface PushTarget {
  /** The remote's name, or its URL when it has none. */
  remote: string | undefined;
  url: string | undefined;
  /** Git's lines on the hook's stdin: `<local ref> <local sha> <remote ref> <remote sha>`. */
  refs: string;
}

/** Git's name for "no commit": a ref that is created or deleted. */
const NO_COMMIT = /^0+$/;
/** The newest commits of a push that are checked. */
const MAX_COMMITS = 2_000;
/** A line of ours, told from names by a beginning that no path has. */
const MARK = 'commit:// ';
const HEADER = /^commit:\/\/ (?<id>\S+) (?<tree>\S+) (?<authored>\d+) (?<committed>\d+)$/;
/** Longest wait for a remote to tell its refs, in ms. */
const REMOTE_TIMEOUT_MS = 10_000;

/**
 * Commits that a push newly publishes, each with the files that it changes: not what the remote has, nor what any other
 * remote is known to have, such as what was merged from upstream. Without commits that were made in another worktree:
 * what is held in this one does not concern them.
 * @param cwd the top folder
 * @param known further commits that the remote has
 */
export function listPushedCommits(cwd: string, { refs }: PushTarget, known: readonly string[] = []): ListedCommits {
  const pushed: string[] = [];
  const published = new Set<string>(known);
  for (const line of refs.split('\n')) {
    const [, local, , remote] = line.trim().split(/\s+/);
    if (!local || !remote || NO_COMMIT.test(local)) continue;
    pushed.push(local);
    if (!NO_COMMIT.test(remote) && hasCommit(cwd, remote)) published.add(remote);
  }
  if (pushed.length === 0) return NO_COMMITS;
  const revisions = [...pushed, ...[...published].map((id) => `^${id}`)].join('\n');
  const args = [
    'log',
    '--no-show-signature',
    '--stdin',
    `--max-count=${MAX_COMMITS + 1}`,
    `--format=${MARK}%H %T %at %ct`,
    '--name-only',
  ];
  const output = runGit(cwd, [...args, '--no-renames', '--cc', '-z', '--not', '--remotes'], {
    input: `${revisions}\n`,
  });
  const all = cutCommits(output);
  const unchecked = all.length > MAX_COMMITS ? `these are more than ${MAX_COMMITS} commits` : undefined;
  return { commits: readCommits(all.slice(0, MAX_COMMITS), createOriginFinder(cwd)), unchecked };
}

/**
 * Commits that the remote itself says it has and that are here too. Asks it over the network, so only where it matters:
 * it was never fetched, or has no name. Empty when it does not answer without asking a person.
 */
export function listRemoteCommits(cwd: string, { remote, url }: PushTarget, env: Environment): string[] {
  const where = url ?? remote;
  if (where === undefined) return [];
  try {
    const options = { timeout: REMOTE_TIMEOUT_MS, env: { ...env, ...askNobody(cwd, env) } };
    const output = runGit(cwd, ['ls-remote', '--quiet', where], options);
    const ids = new Set(output.split('\n').map((line) => line.split('\t')[0] ?? ''));
    return [...ids].filter((id) => /^[0-9a-f]{40,64}$/.test(id) && hasCommit(cwd, id));
  } catch {
    return [];
  }
}

/** Variables by which git and ssh fail instead of asking for a password. */
function askNobody(cwd: string, env: Environment): Record<string, string> {
  const ssh = env.GIT_SSH_COMMAND ?? readConfig(cwd, 'core.sshCommand') ?? 'ssh';
  return { GIT_TERMINAL_PROMPT: '0', GIT_SSH_COMMAND: `${ssh} -o BatchMode=yes` };
}

function readConfig(cwd: string, name: string): string | undefined {
  try {
    return runGit(cwd, ['config', '--get', name]).trim() || undefined;
  } catch {
    return undefined;
  }
}

interface LoggedCommit {
  header: Record<string, string>;
  files: string[];
}

/** Each commit with its header first, then the names of its files; a merge has those that differ from all its parents. */
function cutCommits(output: string): LoggedCommit[] {
  const commits: LoggedCommit[] = [];
  for (const part of output.split('\0')) {
    const last = commits.at(-1);
    // One line break stands before a header, and before the first name after it.
    const isFirst = last?.files.length === 0;
    const text = part.startsWith('\n') && (isFirst || part.startsWith(`\n${MARK}`)) ? part.slice(1) : part;
    const header = HEADER.exec(text)?.groups;
    if (header) commits.push({ header, files: [] });
    else if (text !== '') last?.files.push(text);
  }
  return commits;
}

/** Without those of other worktrees, and those that change no file. */
function readCommits(logged: readonly LoggedCommit[], origins: OriginFinder): PushedCommit[] {
  return logged.flatMap(({ header, files }): PushedCommit[] => {
    const { id = '', tree = '' } = header;
    const origin = origins.originOf(id);
    if (origin === 'elsewhere' || files.length === 0) return [];
    const [authored, committed] = [Number(header.authored), Number(header.committed)];
    // A rebase gives old commits a new time.
    const at =
      origin === 'here' ? committed : origin === 'rewritten' ? (origins.madeAt(authored) ?? authored) : authored;
    return [{ id, tree, at, files }];
  });
}
