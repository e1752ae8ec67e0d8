import { LRUCache } from 'lru-cache';
import type { MergeRules, MergeState, WrittenAt } from './merge-rules.js';
import type { Head } from './read-head.js';

export interface MergeStates {
  /**
   * Has those decided that are not. Never rejects.
   * @returns once each of them has an answer; one of before is looked at again behind that
   */
  decide(head: Head, written: readonly WrittenAt[]): Promise<void>;
  /** What is known by now; null: nothing. */
  get(head: Head, written: WrittenAt): MergeState | null;
}

/** How long `unmerged` and `unknown` are believed while `head` stays, in ms: a branch may move. */
const RECHECK_MS = 5_000;

/** Keeps which commits are merged into which. */
export function createMergeStates(rules: MergeRules): MergeStates {
  const known = new LRUCache<string, { state: MergeState; at: number }>({ max: 20_000 });
  const deciding = new Map<string, Promise<void>>();

  function keyOf({ repository, commit: head }: Head, { commit, branch }: WrittenAt): string {
    return `${repository.root}\0${head}\0${commit}\0${branch ?? ''}`;
  }

  function isSettled(key: string): boolean {
    const found = known.get(key);
    return found !== undefined && (found.state === 'merged' || performance.now() - found.at < RECHECK_MS);
  }

  async function run(head: Head, commit: string, open: ReadonlyMap<string, WrittenAt>): Promise<void> {
    const settle = (each: WrittenAt, state: MergeState) =>
      known.set(keyOf(head, each), { state, at: performance.now() });
    try {
      await rules.decide(head.repository, commit, [...open.values()], settle);
    } finally {
      for (const key of open.keys()) deciding.delete(key);
    }
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
      const open = new Map([...wanted].filter(([key]) => !isSettled(key) && !deciding.has(key)));
      if (open.size > 0) {
        const work = run(head, commit, open).catch(() => undefined);
        for (const key of open.keys()) deciding.set(key, work);
      }
      await Promise.all([...wanted.keys()].map((key) => (known.has(key) ? undefined : deciding.get(key))));
    },
  };
}
