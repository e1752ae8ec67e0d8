import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from './random-history.js';

/** What is seen by git when a note is written. */
export interface SeenAtWriting {
  tree: Tree;
  /** Where the worktree was then. */
  folder: string;
  commit: string;
  branch: string | null;
  files: Map<string, string>;
}

export interface ExpectedLabels {
  branch: 'merged' | 'unmerged' | 'unknown';
  isOtherWorktree: boolean;
  changed: string[];
  missing: string[];
}

/** Looks, with plain git, at what a note that is written now names. */
export function seeNow(tree: Tree, files: readonly string[]): SeenAtWriting {
  const { git, folder } = tree;
  const there = files.filter((path) => existsSync(join(folder, path)) && !git.ok('check-ignore', '-q', path));
  const branch = git('branch', '--show-current');
  return {
    tree,
    folder,
    commit: git('rev-parse', 'HEAD'),
    branch: branch === '' ? null : branch,
    files: new Map(there.map((path) => [path, git('hash-object', path)])),
  };
}

/** Decides by plain git, one question after the other, what each note's labels are when it is read in a worktree. */
export function createOracle(asking: Tree) {
  const { git, folder } = asking;
  const head = git('rev-parse', 'HEAD');
  const all = lines(git('rev-list', '--all', '--reflog', 'HEAD'));
  const cache = new Map<string, string>();
  const once = (key: string, work: () => string): string => {
    const known = cache.get(key) ?? work();
    cache.set(key, known);
    return known;
  };
  const isAncestor = (one: string, other: string) =>
    once(`ancestor ${one} ${other}`, () => String(git.ok('merge-base', '--is-ancestor', one, other))) === 'true';
  const patchOf = (diff: string) =>
    diff === '' ? '' : (git.feed(`${diff}\n`, 'patch-id', '--stable').split(' ')[0] ?? '');
  const ownPatch = (id: string) =>
    once(`patch ${id}`, () => patchOf(git('diff-tree', '-p', '--root', '--no-commit-id', id)));
  const hasBase = (id: string) => git.ok('merge-base', id, head);
  const squashPatch = (tip: string) =>
    once(`squash ${tip}`, () =>
      hasBase(tip) ? patchOf(git('diff-tree', '-p', git('merge-base', tip, head), tip)) : '',
    );
  const patchesOf = (from: string, to: string) =>
    new Set(
      lines(git('rev-list', '--no-merges', `${from}..${to}`))
        .map(ownPatch)
        .filter(Boolean),
    );
  const hasAllPatches = (commit: string, target: string) => {
    const own = lines(git('rev-list', '--no-merges', `${head}..${commit}`));
    const wanted = own.map(ownPatch).filter(Boolean);
    const there = patchesOf(commit, target);
    return { isVoid: own.length === 0, all: wanted.length > 0 && wanted.every((id) => there.has(id)) };
  };

  function decideBranch({ commit, branch }: SeenAtWriting): ExpectedLabels['branch'] {
    if (!git.ok('cat-file', '-e', `${commit}^{commit}`)) return 'unknown';
    if (isAncestor(commit, head)) return 'merged';
    const picked = hasAllPatches(commit, head);
    if (picked.all || picked.isVoid) return 'merged';
    const ref = `refs/heads/${branch}`;
    const tip = branch !== null && git.ok('rev-parse', '-q', '--verify', ref) ? git('rev-parse', ref) : null;
    const goesOn = tip !== null && (isAncestor(commit, tip) || hasAllPatches(commit, tip).all);
    const tips = new Set([...all.filter((id) => isAncestor(commit, id)), ...(goesOn ? [tip] : [])]);
    const there = patchesOf(commit, head);
    if ([...tips].some((id) => there.has(squashPatch(id)))) return 'merged';
    return goesOn && hasBase(commit) ? 'unmerged' : 'unknown';
  }

  return (note: SeenAtWriting): ExpectedLabels => {
    const changed: string[] = [];
    const missing: string[] = [];
    for (const [path, blob] of note.files) {
      if (existsSync(join(folder, path))) {
        if (git('hash-object', path) !== blob) changed.push(path);
      } else if (!isElsewhere(blob)) missing.push(path);
    }
    return {
      branch: decideBranch(note),
      isOtherWorktree: note.tree !== asking,
      changed: changed.sort(),
      missing: missing.sort(),
    };
  };

  function isElsewhere(blob: string): boolean {
    return lines(git('ls-files', '--stage'))
      .filter((line) => line.split(' ')[1] === blob)
      .map((line) => line.split('\t')[1] ?? '')
      .some((path) => existsSync(join(folder, path)) && git('hash-object', path) === blob);
  }
}

function lines(out: string): string[] {
  return out.split('\n').filter(Boolean);
}
