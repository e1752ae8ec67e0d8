import { LRUCache } from 'lru-cache';
import { patternMatches } from '../globs/compare-patterns.js';
import type { WatchOrder } from '../hooks/policy/guard-types.js';
import { compareHeld } from '../hooks/policy/watch-shell.js';
import { findUncommitted } from '../hooks/snapshots/find-uncommitted.js';
import { createSnapshotter } from '../hooks/snapshots/snapshot-files.js';
import type { Snapshot } from '../hooks/snapshots/snapshot-types.js';
import type { HookAsk } from '../http/member-protocol.js';
import type { HookRequest } from '../ipc/control-protocol.js';

type FileStates = NonNullable<HookAsk['written']>;

/** Looks at this machine's files for the team's server, which reads none of them. */
export interface FileWatch {
  /** A command is about to run: remembers the state of held files. */
  begin(request: HookRequest, worktree: string, order: WatchOrder): Promise<void>;
  /** It has ended: what has changed; undefined where nothing was watched. */
  end(request: HookRequest): Promise<HookAsk['compared']>;
  /** The states of files, by absolute path. */
  look(paths: readonly string[]): Promise<FileStates>;
}

interface Watching {
  worktree: string;
  order: WatchOrder;
  snapshot: Snapshot;
}

/** Commands that are watched at one time; beyond that, the oldest are forgotten. */
const MAX_WATCHED = 200;

export function createFileWatch(): FileWatch {
  const snapshots = createSnapshotter();
  const watched = new LRUCache<string, Watching>({ max: MAX_WATCHED });

  return {
    async begin(request, worktree, order) {
      watched.set(keyOf(request), { worktree, order, snapshot: await snapshots.read(worktree, order.locks) });
    },

    async end(request) {
      const watching = watched.get(keyOf(request));
      watched.delete(keyOf(request));
      if (!watching) return undefined;
      const { worktree, order, snapshot } = watching;
      const { after, ...compared } = await compareHeld(snapshots, worktree, order.locks, snapshot);
      const changed = await withoutCommitted(watching, compared.changed, after);
      return {
        held: [...compared.held],
        at: compared.at,
        changed,
        isKnown: compared.isKnown && order.isAll,
        unsure: changed.filter(compared.isUnsure),
        files: changed.map((key) => [key, compared.files.get(key) ?? null]),
      };
    },

    async look(paths) {
      return await Promise.all(paths.map(async (path) => [path, await snapshots.readOne(path)] as const).map(pair));
    },
  };
}

/** What is held in another clone alone, and was pulled or checked out here, nobody wrote here. */
async function withoutCommitted(
  { worktree, order }: Watching,
  changed: readonly string[],
  after: Snapshot,
): Promise<string[]> {
  const here = order.locks.filter(({ isElsewhere }) => !isElsewhere);
  const isHere = (key: string) => here.some((lock) => patternMatches(lock, key));
  const paths = new Map(order.locks.filter(({ isGlob }) => !isGlob).map(({ key, pattern }) => [key, pattern]));
  const pathOf = (key: string) => paths.get(key) ?? after.found.get(key) ?? key;
  const elsewhere = changed.filter((key) => !isHere(key));
  if (elsewhere.length === 0) return [...changed];
  const uncommitted = await findUncommitted(worktree, elsewhere.map(pathOf));
  return changed.filter((key) => isHere(key) || uncommitted === null || uncommitted.has(pathOf(key)));
}

async function pair<A, B>(both: Promise<readonly [A, B]>): Promise<[A, B]> {
  const [a, b] = await both;
  return [a, b];
}

/** The client's own name of the call, the same before and after. */
function keyOf({ session = '', call, command = '' }: HookRequest): string {
  return JSON.stringify([session, call ?? command]);
}
