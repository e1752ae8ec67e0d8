import { join, resolve } from 'node:path';
import { readForeignFile } from '../../files/read-foreign-file.js';
import { type ListedCommits, NO_COMMITS, type PushedCommit } from './listed-commits.js';
import { hasCommit, runGit } from './run-git.js';

/** Git's name for "no commit". */
const NO_COMMIT = /^0+$/;
/** The newest commits of one transaction that are checked. */
const MAX_COMMITS = 500;
/** Commits that a rebase or an amendment replaces, as far as they are looked at. */
const MAX_REPLACED = 2_000;
/** Of a file that names commits, such as FETCH_HEAD. */
const MAX_IDS_BYTES = 16 * 1024 * 1024;
/** Branches, tags, and a HEAD without a branch: what others name, such as a stash or a remote's branches, is no commit of here. */
const WATCHED = /^(HEAD$|refs\/heads\/|refs\/tags\/)/;

/**
 * Commits that a transaction of git's refs brings into the repository: no ref names them yet, and none ever did. Each has
 * the files that it changes; of a merge those that differ from all its parents. A content that the same branch had
 * before, as in a rebase or an amendment, is no change.
 * @param cwd the top folder @param transaction git's lines on the hook's stdin: `<old id> <new id> <ref>`
 */
export function listMadeCommits(cwd: string, transaction: string): ListedCommits {
  const updates = readUpdates(transaction).filter(({ id }) => hasCommit(cwd, id));
  if (updates.length === 0) return NO_COMMITS;
  const gitDir = resolve(cwd, runGit(cwd, ['rev-parse', '--git-dir']).trim());
  const tips = updates.map(({ id }) => id);
  const fetched = readIds(join(gitDir, 'FETCH_HEAD')).filter((id) => hasCommit(cwd, id));
  const revisions = [...tips, ...fetched.map((id) => `^${id}`)];
  const all = listIds(cwd, revisions, MAX_COMMITS + 1, ['--not', '--all', '--reflog']);
  if (all.length === 0) return NO_COMMITS;
  const made = all.slice(0, MAX_COMMITS);
  const known = listReplaced(cwd, gitDir, updates);
  const changes = readChanges(cwd, made);
  const commits = readHeaders(cwd, made).map((commit) => {
    const changed = changes.get(commit.id) ?? [];
    return { ...commit, files: changed.filter((change) => !known.has(keyOf(change))).map(({ path }) => path) };
  });
  return { commits, unchecked: all.length > MAX_COMMITS ? `these are more than ${MAX_COMMITS} commits` : undefined };
}

function readUpdates(transaction: string): { id: string; ref: string }[] {
  return transaction.split('\n').flatMap((line) => {
    const [old, id, ref] = line.trim().split(' ');
    if (!old || !id || !ref || old === id || NO_COMMIT.test(id) || !WATCHED.test(ref)) return [];
    return [{ id, ref }];
  });
}

interface Change {
  path: string;
  /** Git's id of the content; zeros where the file is deleted. */
  content: string;
}

function keyOf({ path, content }: Change): string {
  return `${content} ${path}`;
}

/** What the commits changed that the branch had and will not have: of an amended commit, or of a branch that is rebased. */
function listReplaced(cwd: string, gitDir: string, updates: readonly { id: string; ref: string }[]): Set<string> {
  const had = updates.flatMap(({ ref }) => (hasCommit(cwd, ref) ? [ref] : []));
  const rebased = ['rebase-merge', 'rebase-apply'].map((name) => join(gitDir, name));
  const original = rebased.flatMap((folder) => readIds(join(folder, 'orig-head')));
  const onto = rebased.flatMap((folder) => readIds(join(folder, 'onto')));
  const will = [...updates.map(({ id }) => id), ...onto];
  const from = [...had, ...original];
  if (from.length === 0) return new Set();
  const replaced = listIds(cwd, [...from, ...will.map((id) => `^${id}`)], MAX_REPLACED);
  return new Set([...readChanges(cwd, replaced).values()].flat().map(keyOf));
}

function listIds(cwd: string, revisions: readonly string[], count: number, options: readonly string[] = []): string[] {
  const args = ['rev-list', `--max-count=${count}`, '--stdin', ...options];
  return runGit(cwd, args, { input: `${revisions.join('\n')}\n` })
    .split('\n')
    .filter(Boolean);
}

/** By the id of the commit. A merge has what differs from all its parents. */
function readChanges(cwd: string, ids: readonly string[]): Map<string, Change[]> {
  const changes = new Map<string, Change[]>();
  if (ids.length === 0) return changes;
  const args = ['diff-tree', '--stdin', '-r', '-c', '--root', '--raw', '--no-renames', '--no-abbrev', '-z'];
  const parts = runGit(cwd, args, { input: `${ids.join('\n')}\n` }).split('\0');
  let last: Change[] = [];
  for (let at = 0; at < parts.length; at += 1) {
    const part = (parts[at] ?? '').trim();
    if (/^[0-9a-f]{40,64}$/.test(part)) {
      last = [];
      changes.set(part, last);
    } else if (part.startsWith(':')) {
      // `:MODE MODE ID ID STATUS`, and more of each for a merge: the content is the last id.
      const content = part.split(' ').at(-2) ?? '';
      at += 1;
      last.push({ path: parts[at] ?? '', content });
    }
  }
  return changes;
}

function readHeaders(cwd: string, ids: readonly string[]): Omit<PushedCommit, 'files'>[] {
  const args = ['log', '--no-walk=unsorted', '--no-show-signature', '--stdin', '--format=%H %T %ct'];
  return runGit(cwd, args, { input: `${ids.join('\n')}\n` })
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [id = '', tree = '', at = ''] = line.split(' ');
      return { id, tree, at: Number(at) };
    });
}

/** Ids of commits at the beginnings of a file's lines; none where it is not there. */
function readIds(path: string): string[] {
  const text = readForeignFile(path, MAX_IDS_BYTES) ?? '';
  return text.split('\n').flatMap((line) => /^[0-9a-f]{40,64}/.exec(line)?.[0] ?? []);
}
