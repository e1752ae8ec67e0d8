import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCommitGraph } from './commit-graph.js';
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
  const found = [...new Set(files)].filter((path) => existsSync(join(folder, path)));
  const ignored = new Set(found.length > 0 ? lines(git.said('check-ignore', ...found)) : []);
  const there = found.filter((path) => !ignored.has(path));
  const blobs = there.length > 0 ? lines(git('hash-object', ...there)) : [];
  const branch = git('branch', '--show-current');
  return {
    tree,
    folder,
    commit: git('rev-parse', 'HEAD'),
    branch: branch === '' ? null : branch,
    files: new Map(there.map((path, index) => [path, blobs[index] ?? ''])),
  };
}

/** Decides by plain git what each note's labels are when it is read in a worktree. */
export function createOracle(asking: Tree) {
  const { git, folder } = asking;
  const head = git('rev-parse', 'HEAD');
  const graph = readCommitGraph(git, head);
  const blobs = new Map<string, string>();
  const staged = lines(git('ls-files', '--stage')).map((line) => ({
    blob: line.split(' ')[1] ?? '',
    path: line.split('\t')[1] ?? '',
  }));

  const patchesOf = (from: string, to: string) => new Set(graph.between(from, to).map(graph.ownPatch).filter(Boolean));
  const hasAllPatches = (commit: string, target: string) => {
    const own = graph.between(head, commit);
    const wanted = own.map(graph.ownPatch).filter(Boolean);
    const there = patchesOf(commit, target);
    return { isVoid: own.length === 0, all: wanted.length > 0 && wanted.every((id) => there.has(id)) };
  };

  function decideBranch({ commit, branch }: SeenAtWriting): ExpectedLabels['branch'] {
    if (!graph.has(commit)) return 'unknown';
    if (graph.isAncestor(commit, head)) return 'merged';
    const picked = hasAllPatches(commit, head);
    if ((picked.all || picked.isVoid) && !graph.hasOwnMerge(head, commit)) return 'merged';
    const tip = branch === null ? null : graph.tipOf(branch);
    const goesOn = tip !== null && (graph.isAncestor(commit, tip) || hasAllPatches(commit, tip).all);
    const tips = new Set([...graph.reachable.filter((id) => graph.isAncestor(commit, id)), ...(goesOn ? [tip] : [])]);
    const there = patchesOf(commit, head);
    if (there.size > 0 && graph.squashPatches([...tips]).some((id) => there.has(id))) return 'merged';
    return goesOn && graph.hasBase(commit) ? 'unmerged' : 'unknown';
  }

  function blobOf(path: string): string {
    const blob = blobs.get(path) ?? git('hash-object', path);
    blobs.set(path, blob);
    return blob;
  }
  const isElsewhere = (blob: string): boolean =>
    staged.some((file) => file.blob === blob && existsSync(join(folder, file.path)) && blobOf(file.path) === blob);

  return (note: SeenAtWriting): ExpectedLabels => {
    const changed: string[] = [];
    const missing: string[] = [];
    for (const [path, blob] of note.files) {
      if (existsSync(join(folder, path))) {
        if (blobOf(path) !== blob) changed.push(path);
      } else if (!isElsewhere(blob)) missing.push(path);
    }
    return {
      branch: decideBranch(note),
      isOtherWorktree: note.tree !== asking,
      changed: changed.sort(),
      missing: missing.sort(),
    };
  };
}

function lines(out: string): string[] {
  return out.split('\n').filter(Boolean);
}
