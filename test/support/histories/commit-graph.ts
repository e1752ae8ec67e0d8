import type { PlainGit } from './plain-git.js';

/** The commits of a repository, read by few processes of plain git; ancestors and ranges follow from the parents it names. */
export interface CommitGraph {
  /** What refs, reflogs and HEAD lead to. */
  reachable: string[];
  /** Whether the commit is in the repository, reachable or not. */
  has(id: string): boolean;
  isAncestor(one: string, other: string): boolean;
  /** As `git rev-list --no-merges from..to`. */
  between(from: string, to: string): string[];
  /** Whether a merge among `git rev-list from..to` has changes that are of none of its parents. */
  hasOwnMerge(from: string, to: string): boolean;
  /** Patch id of a commit against its parent; empty for no change. */
  ownPatch(id: string): string;
  /** Patch ids of all changes since the merge base with HEAD, of each tip that has one; empty for no change. */
  squashPatches(tips: readonly string[]): string[];
  /** The commit that a branch leads to; null when there is no such branch. */
  tipOf(branch: string): string | null;
  hasBase(id: string): boolean;
}

export function readCommitGraph(git: PlainGit, head: string): CommitGraph {
  const parents = new Map<string, string[]>();
  const closures = new Map<string, Set<string>>();
  const own = new Map<string, string>();
  const squashes = new Map<string, string>();
  const gone = new Set<string>();
  const ownMerges = new Map<string, boolean>();
  const tips = new Map(
    lines(git('for-each-ref', '--format=%(objectname) %(refname:short)', 'refs/heads')).map((line) => {
      const [id = '', name = ''] = line.split(' ');
      return [name, id];
    }),
  );
  const reachable = read('--all', '--reflog', 'HEAD');

  function read(...from: string[]): string[] {
    return lines(git('rev-list', '--parents', ...from)).map((line) => {
      const [id = '', ...above] = line.split(' ');
      parents.set(id, above);
      return id;
    });
  }

  function has(id: string): boolean {
    if (parents.has(id)) return true;
    if (gone.has(id) || !git.ok('cat-file', '-e', `${id}^{commit}`)) {
      gone.add(id);
      return false;
    }
    read(id);
    return true;
  }

  /** The commit and all that it comes from. */
  function closureOf(id: string): Set<string> {
    const known = closures.get(id);
    if (known) return known;
    if (!has(id)) throw new Error(`no commit ${id}`);
    const closure = new Set([id]);
    // A Set yields what is added while it is walked.
    for (const each of closure) for (const parent of parents.get(each) ?? []) closure.add(parent);
    closures.set(id, closure);
    return closure;
  }

  /** Patch ids of diffs, by the first commit of each line (`commit` or `commit other`), where there is a change. */
  function readPatches(asked: readonly string[]): Map<string, string> {
    if (asked.length === 0) return new Map();
    const diffs = git.feed(`${asked.join('\n')}\n`, 'diff-tree', '--stdin', '-p', '--root');
    if (diffs === '') return new Map();
    return new Map(
      lines(git.feed(`${diffs}\n`, 'patch-id', '--stable')).map((line) => {
        const [patch = '', id = ''] = line.split(' ');
        return [id, patch];
      }),
    );
  }

  function baseOf(tip: string): string | null {
    if (closureOf(tip).has(head)) return head;
    if (closureOf(head).has(tip)) return tip;
    return hasBase(tip) ? git('merge-base', tip, head) : null;
  }

  function hasBase(id: string): boolean {
    const above = closureOf(head);
    return [...closureOf(id)].some((each) => above.has(each));
  }

  return {
    reachable,
    has,
    hasBase,
    isAncestor: (one, other) => closureOf(other).has(one),
    between(from, to) {
      const known = closureOf(from);
      return [...closureOf(to)].filter((id) => !known.has(id) && (parents.get(id)?.length ?? 0) < 2);
    },
    hasOwnMerge(from, to) {
      const known = closureOf(from);
      const merges = [...closureOf(to)].filter((id) => !known.has(id) && (parents.get(id)?.length ?? 0) > 1);
      return merges.some((id) => {
        const isOwn = ownMerges.get(id) ?? git('show', '--remerge-diff', '--format=', id) !== '';
        ownMerges.set(id, isOwn);
        return isOwn;
      });
    },
    ownPatch(id) {
      if (!own.has(id)) {
        const missing = [...parents.keys()].filter((each) => !own.has(each));
        const read = readPatches(missing.filter((each) => (parents.get(each)?.length ?? 0) < 2));
        for (const each of missing) own.set(each, read.get(each) ?? '');
      }
      return own.get(id) ?? '';
    },
    squashPatches(asked) {
      const missing = asked.filter((tip) => !squashes.has(tip));
      const bases = new Map(missing.map((tip) => [tip, baseOf(tip)]));
      const read = readPatches(missing.flatMap((tip) => (bases.get(tip) ? [`${tip} ${bases.get(tip)}`] : [])));
      for (const tip of missing) squashes.set(tip, read.get(tip) ?? '');
      return asked.map((tip) => squashes.get(tip) ?? '');
    },
    tipOf: (branch) => tips.get(branch) ?? null,
  };
}

function lines(out: string): string[] {
  return out.split('\n').filter(Boolean);
}
