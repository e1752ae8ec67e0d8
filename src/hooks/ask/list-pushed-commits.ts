import type { Environment } from '../../config.js';
import type { HookRequest } from '../../ipc/control-protocol.js';
import { createOriginFinder, type OriginFinder } from './find-origins.js';
import { hasCommit, runGit } from './run-git.js';

export type PushedCommit = NonNullable<HookRequest['commits']>[number];

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
export function listPushedCommits(cwd: string, { refs }: PushTarget, known: readonly string[] = []): PushedCommit[] {
  const pushed: string[] = [];
  const published = new Set<string>(known);
  for (const line of refs.split('\n')) {
    const [, local, , remote] = line.trim().split(/\s+/);
    if (!local || !remote || NO_COMMIT.test(local)) continue;
    pushed.push(local);
    if (!NO_COMMIT.test(remote) && hasCommit(cwd, remote)) published.add(remote);
  }
  if (pushed.length === 0) return [];
  const revisions = [...pushed, ...[...published].map((id) => `^${id}`)].join('\n');
  const args = ['log', '--stdin', `--max-count=${MAX_COMMITS}`, `--format=${MARK}%H %T %at %ct`, '--name-only'];
  const output = runGit(cwd, [...args, '--no-renames', '--cc', '-z', '--not', '--remotes'], {
    input: `${revisions}\n`,
  });
  return readCommits(output, createOriginFinder(cwd));
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

/** Each commit with its header first, then the names of its files; a merge has those that differ from all its parents. */
function readCommits(output: string, origins: OriginFinder): PushedCommit[] {
  const commits: PushedCommit[] = [];
  let last: PushedCommit | null = null;
  for (const part of output.split('\0')) {
    const text = part.replace(/^\n+/, '');
    const header = HEADER.exec(text)?.groups;
    if (!header) {
      if (text !== '') last?.files.push(text);
      continue;
    }
    const { id = '', tree = '' } = header;
    const origin = origins.originOf(id);
    const [authored, committed] = [Number(header.authored), Number(header.committed)];
    // A rebase gives old commits a new time.
    const at =
      origin === 'here' ? committed : origin === 'rewritten' ? (origins.madeAt(authored) ?? authored) : authored;
    last = origin === 'elsewhere' ? null : { id, tree, at, files: [] };
    if (last) commits.push(last);
  }
  return commits.filter(({ files }) => files.length > 0);
}
