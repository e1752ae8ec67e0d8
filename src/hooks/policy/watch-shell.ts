import { LRUCache } from 'lru-cache';
import { patternMatches } from '../../globs/compare-patterns.js';
import type { HookVerdict } from '../../ipc/control-protocol.js';
import { findChanges, isContentKnown, isPartial } from '../snapshots/compare-snapshots.js';
import type { Snapshotter } from '../snapshots/snapshot-files.js';
import type { Snapshot, Watched } from '../snapshots/snapshot-types.js';
import { type AttributedChange, attributeChanges, type ForeignChange } from './attribute-changes.js';
import type { EndedCommand } from './command-repository.js';
import type { HeldLock } from './guard-repository.js';
import { type ComparedFiles, type GuardDeps, type HookContext, PASS } from './guard-types.js';
import { reportChanges } from './report-changes.js';
import { callKey } from './watch-commands.js';

export interface ShellWatch {
  /** Before a command: remembers the state of held files. */
  before(context: HookContext): Promise<HookVerdict>;
  /** After a command: tells the holders and the writer what has changed. */
  after(context: HookContext): Promise<HookVerdict>;
}

interface Watching {
  locks: HeldLock[];
  snapshot: Snapshot;
}

/** Commands that are watched at one time; beyond that, the oldest are forgotten. */
const MAX_WATCHED = 200;
/** Time for another agent's own report of a write to arrive, in ms. */
const REPORT_MS = 400;

/**
 * What a command writes is unknown beforehand. So held files are compared before and after it. A change that no other
 * agent's editor reported was made by the command, or by whatever else ran meanwhile: both are named.
 */
export function createShellWatch(deps: GuardDeps): ShellWatch {
  const { snapshots } = deps;
  const watched = new LRUCache<string, Watching>({ max: MAX_WATCHED });

  return {
    async before(context) {
      // Recorded first: what the snapshot sees was there before the command.
      const [locks] = await Promise.all([
        deps.repository.listHeld(context.projectId, context.worktree),
        deps.watch.begin(context),
      ]);
      if (locks.length === 0) return PASS;
      watched.set(callKey(context), { locks, snapshot: await snapshots.read(context.worktree, locks) });
      return PASS;
    },

    async after(context) {
      const watching = watched.get(callKey(context));
      watched.delete(callKey(context));
      const compared = watching && (await compareHeld(snapshots, context.worktree, watching.locks, watching.snapshot));
      return await reportCommand(deps, context, compared ?? null);
    },
  };
}

/** Looks at held files once more. @param before the snapshot from before the command */
export async function compareHeld(
  snapshots: Pick<Snapshotter, 'read' | 'withoutIgnored'>,
  worktree: string,
  locks: readonly (Watched & { id: string })[],
  before: Snapshot,
): Promise<ComparedFiles & { after: Snapshot }> {
  const after = await snapshots.read(worktree, locks, before);
  const found = findChanges(before, after);
  return {
    held: new Set(locks.map(({ id }) => id)),
    at: before.at,
    changed: await snapshots.withoutIgnored(worktree, locks, found, [before, after]),
    isKnown: !isPartial(before, after),
    isUnsure: (path) => !isContentKnown(before, after, path),
    files: after.files,
    after,
  };
}

/** A command has ended: tells holders and writer what has changed. @param compared null where nothing was compared */
export async function reportCommand(
  deps: GuardDeps,
  context: HookContext,
  compared: ComparedFiles | null,
): Promise<HookVerdict> {
  const ended = await deps.watch.end(context, compared?.isKnown ? compared.changed : null);
  if (!compared || compared.changed.length === 0) return PASS;
  const live = await deps.repository.listHeld(context.projectId, context.worktree);
  const foreign = findForeign(live, compared, context);
  if (foreign.length === 0) return PASS;
  const changes = await attribute(deps, context, foreign, compared, ended);
  if (changes.length === 0) return PASS;
  const { isKnown, isUnsure } = compared;
  return await reportChanges(deps, context, {
    changes,
    isPartial: !isKnown,
    isUnsure: ({ path }) => isUnsure(path),
  });
}

/** Changes of files that another agent held before the command and holds still, and that this one does not hold. */
function findForeign(
  live: readonly HeldLock[],
  { held, changed }: ComparedFiles,
  { agent }: HookContext,
): ForeignChange[] {
  const others = live.filter((lock) => held.has(lock.id) && lock.agentId !== agent?.id);
  return changed.flatMap((path): ForeignChange[] => {
    const holder = others.find((lock) => patternMatches(lock, path));
    return holder ? [{ path, holder }] : [];
  });
}

/** @param ended null when the beginning of the command was not recorded: then nothing is known of others */
async function attribute(
  { repository }: GuardDeps,
  context: HookContext,
  foreign: readonly ForeignChange[],
  { at, files }: ComparedFiles,
  ended: EndedCommand | null,
): Promise<AttributedChange[]> {
  const startedAt = ended?.startedAt ?? new Date(at);
  const commands = ended?.others ?? [];
  const paths = foreign.map(({ path }) => path);
  const attributed = async () => {
    const writes = await repository.findWrites(context.projectId, context.worktree, paths, startedAt);
    return attributeChanges(foreign, { writer: context.agent?.id, startedAt, files, writes, commands });
  };
  const changes = await attributed();
  if (changes.length === 0) return changes;
  await new Promise((resolve) => setTimeout(resolve, REPORT_MS));
  return attributed();
}
