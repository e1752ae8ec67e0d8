import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor } from '../../actor/actor.js';
import type { LockConflict, PlacedPattern } from '../locks/lock-types.js';
import type { LocksService } from '../locks/locks-service.js';
import type { AbandonedTask, AbandonedTasks, PastTaskLock, Resumer } from './abandoned-tasks.js';

/** A task that goes on with another agent. */
export interface ResumedTask {
  sessionId: string;
  task: string;
  /** What it holds again. */
  taken: PlacedPattern[];
  /** What others hold meanwhile. */
  lost: LockConflict[];
  now: Date;
}

export interface ResumeDeps {
  abandoned: AbandonedTasks;
  locks: Pick<LocksService, 'acquire'>;
}

/**
 * Each time, up to twenty patterns that others hold are left out, as many as a refusal names; a task has at most a thousand,
 * and other agents may take more meanwhile.
 */
const MAX_ATTEMPTS = 60;

/** A process that has just died is known to be dead within this, in ms. */
const DEATH_KNOWN_MS = 1_500;
const LOOK_MS = 150;

/**
 * The last task of a client's session, if it ended with its process; ends an agent whose process has just died. Null when
 * there is none, and while it goes on elsewhere.
 */
export async function findAbandoned(abandoned: AbandonedTasks, resumer: Resumer): Promise<AbandonedTask | null> {
  const until = performance.now() + DEATH_KNOWN_MS;
  for (;;) {
    const last = await abandoned.findLast(resumer);
    if (last === null || last.liveness === null) return last;
    if (last.liveness === 'alive' || performance.now() > until) return null;
    if (last.liveness === 'dead') await abandoned.endAgent(last.agentId);
    else await sleep(LOOK_MS);
  }
}

/** Goes on with an abandoned task: with the locks that are free. Null when another agent was faster. */
export async function resumeTask(deps: ResumeDeps, actor: Actor, task: AbandonedTask): Promise<ResumedTask | null> {
  if (!(await deps.abandoned.reopen(actor, task.id))) return null;
  const owner = { ...actor, sessionId: task.id };
  const resumed: ResumedTask = { sessionId: task.id, task: task.task, taken: [], lost: [], now: task.now };
  for (const group of groupAlike(task.locks)) {
    const { taken, lost } = await takeFree(deps, owner, group);
    resumed.taken.push(...taken);
    resumed.lost.push(...lost);
  }
  return resumed;
}

/** Locks what is free of these; all are of one mode, origin and life. */
async function takeFree(
  { locks }: ResumeDeps,
  owner: Actor,
  [first, ...rest]: readonly PastTaskLock[],
): Promise<Pick<ResumedTask, 'taken' | 'lost'>> {
  const lost: LockConflict[] = [];
  if (!first) return { taken: [], lost };
  const { mode, origin, lifeSeconds } = first;
  let patterns = [first, ...rest].map(toPlaced);
  for (let attempt = 0; attempt < MAX_ATTEMPTS && patterns.length > 0; attempt += 1) {
    const outcome = await locks.acquire(owner, { patterns, mode, origin, lifeSeconds, waitSeconds: 0 });
    if (outcome.conflicts.length === 0) return { taken: patterns, lost };
    lost.push(...outcome.conflicts);
    const held = new Set(outcome.conflicts.map(({ requested }) => requested));
    patterns = patterns.filter(({ shown }) => !held.has(shown));
  }
  return { taken: [], lost };
}

function groupAlike(locks: readonly PastTaskLock[]): PastTaskLock[][] {
  const groups = new Map<string, PastTaskLock[]>();
  for (const lock of locks) {
    const key = JSON.stringify([lock.mode, lock.origin, lock.lifeSeconds]);
    groups.set(key, [...(groups.get(key) ?? []), lock]);
  }
  return [...groups.values()];
}

/** As it was placed when it was asked for. Its board is known: it has held a lock. */
function toPlaced({ board, worktree, pattern, key, literalPrefix, isGlob }: PastTaskLock): PlacedPattern {
  return { board, worktree, pattern, key, literalPrefix, isGlob, root: board, shown: pattern, isNew: false };
}
