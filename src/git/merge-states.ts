import { LRUCache } from 'lru-cache';
import type { Head } from './head-files.js';
import type { MergeRules, MergeState, WrittenAt } from './merge-rules.js';
import type { HeadReader } from './read-head.js';

export interface MergeStates {
  /**
   * Has those decided that are not. Never rejects.
   * @returns once each of them has an answer; whether one of before still counts is looked at behind that
   */
  decide(head: Head, written: readonly WrittenAt[]): Promise<void>;
  /** What is known by now; null: nothing. */
  get(head: Head, written: WrittenAt): MergeState | null;
}

interface Known {
  state: MergeState;
  /** Of its branch, when that was decided. */
  tip: string | null;
  decidedAt: number;
  checkedAt: number;
}

/** How long a branch counts as where it was, in ms. */
const CHECK_MS = 5_000;
/** How long `unknown` is believed while the branch stays, in ms: git may have been too slow, or objects arrive. */
const UNKNOWN_MS = 60_000;

/** Keeps which commits are merged into which. */
export function createMergeStates(rules: MergeRules, heads: HeadReader): MergeStates {
  const known = new LRUCache<string, Known>({ max: 20_000 });
  const deciding = new Map<string, Promise<void>>();

  function keyOf({ repository, commit: head }: Head, { commit, branch }: WrittenAt): string {
    return `${repository.root}\0${head}\0${commit}\0${branch ?? ''}`;
  }

  const tipOf = ({ repository }: Head, { branch }: WrittenAt): Promise<string | null> =>
    branch === null ? Promise.resolve(null) : heads.readBranch(repository, branch);

  /** Whether its branch has moved since, or it is time to try once more. */
  async function isOutdated(head: Head, each: WrittenAt, found: Known): Promise<boolean> {
    const now = performance.now();
    found.checkedAt = now;
    if (found.state === 'unknown' && now - found.decidedAt > UNKNOWN_MS) return true;
    return (await tipOf(head, each)) !== found.tip;
  }

  async function run(head: Head, commit: string, open: readonly WrittenAt[]): Promise<void> {
    const tips = new Map<WrittenAt, string | null>();
    await Promise.all(open.map(async (each) => tips.set(each, await tipOf(head, each))));
    await rules.decide(head.repository, commit, open, (each, state) => {
      const now = performance.now();
      known.set(keyOf(head, each), { state, tip: tips.get(each) ?? null, decidedAt: now, checkedAt: now });
    });
  }

  function start(head: Head, commit: string, open: readonly WrittenAt[]): void {
    const keys = open.map((each) => keyOf(head, each));
    const work = run(head, commit, open)
      .catch(() => undefined)
      .finally(() => {
        for (const key of keys) deciding.delete(key);
      });
    for (const key of keys) deciding.set(key, work);
  }

  async function recheck(head: Head, commit: string, due: readonly (readonly [WrittenAt, Known])[]): Promise<void> {
    const outdated: WrittenAt[] = [];
    for (const [each, found] of due) if (await isOutdated(head, each, found)) outdated.push(each);
    const open = outdated.filter((each) => !deciding.has(keyOf(head, each)));
    if (open.length > 0) start(head, commit, open);
  }

  return {
    get: (head, written) =>
      written.commit === head.commit ? 'merged' : (known.get(keyOf(head, written))?.state ?? null),

    async decide(head, written) {
      const { commit } = head;
      if (commit === null) return;
      const wanted = new Map(
        written.filter((each) => each.commit !== commit).map((each) => [keyOf(head, each), each] as const),
      );
      const found = [...wanted].map(([key, each]) => [key, each, known.get(key)] as const);
      const open = found.flatMap(([key, each, state]) => (state || deciding.has(key) ? [] : [each]));
      if (open.length > 0) start(head, commit, open);
      const old = performance.now() - CHECK_MS;
      const due = found.flatMap(([, each, state]) =>
        state && state.state !== 'merged' && state.checkedAt < old ? [[each, state] as const] : [],
      );
      if (due.length > 0) recheck(head, commit, due).catch(() => undefined);
      await Promise.all(found.map(([key, , state]) => (state ? undefined : deciding.get(key))));
    },
  };
}
