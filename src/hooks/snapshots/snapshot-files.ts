import { basename, dirname } from 'node:path';
import { AppError } from '../../errors.js';
import { runFileTask } from '../../files/run-file-task.js';
import { mayDiffer } from './compare-snapshots.js';
import { createFileStates, type FileState, LOOKS_A_STEP } from './file-states.js';
import { findIgnored } from './find-ignored.js';
import { isRepository } from './list-files.js';
import { createGlobLook } from './look-at-globs.js';
import { snapshotTasks } from './snapshot-tasks.js';
import type { Snapshot, Watched } from './snapshot-types.js';

/** Longest reading of one snapshot, in ms. */
const MAX_MS = 1_000;
/** Bytes that are hashed for one snapshot. */
const MAX_BYTES = 64 * 1024 * 1024;
/**
 * A command waits so long for hashes that are not known yet, in ms: once, since they are kept. The others are read while
 * it runs.
 */
const HASH_WAIT_MS = 300;
/** Longest reading beside a command, in ms. */
const MAX_BACKGROUND_MS = 30_000;

export type Snapshotter = ReturnType<typeof createSnapshotter>;

/**
 * Reads the state of held files.
 * @param maxMs for one snapshot: a command waits for it
 */
export function createSnapshotter(maxMs = MAX_MS, hashWaitMs = HASH_WAIT_MS) {
  const states = createFileStates();
  const { lookAtGlobs } = createGlobLook(states);

  async function lookAtHeld(
    worktree: string,
    locks: readonly Watched[],
    snapshot: Snapshot,
    options: { deadline: number; before: Snapshot | undefined },
  ): Promise<void> {
    const literals = locks.filter(({ isGlob }) => !isGlob);
    for (let at = 0; at < literals.length; at += LOOKS_A_STEP) {
      if (performance.now() > options.deadline) snapshot.isComplete = false;
      if (!snapshot.isComplete) break;
      const step = literals.slice(at, at + LOOKS_A_STEP);
      const looked = await states.look(
        worktree,
        step.map(({ pattern }) => pattern),
      );
      for (const [index, { key }] of step.entries()) snapshot.files.set(key, looked[index] ?? null);
    }
    const foldsCase = await runFileTask(snapshotTasks.foldsCase, worktree);
    const globs = locks.filter(({ isGlob }) => isGlob);
    await lookAtGlobs(worktree, globs, snapshot, { foldsCase, ...options });
  }

  return {
    /** The state of one file with its hash; null when it does not exist. @param path absolute @throws AppError `timeout` */
    async readOne(path: string): Promise<FileState | null> {
      const [state = null] = await states.look(dirname(path), [basename(path)]);
      if (state) await states.hash(dirname(path), [state], Number.POSITIVE_INFINITY, { left: MAX_BYTES });
      return state;
    },

    /**
     * @param before the snapshot from before the command: what it looked at is looked at again, and only what differs
     *   from it is hashed. Without it, what can't be hashed in a short time is hashed later.
     */
    async read(worktree: string, locks: readonly Watched[], before?: Snapshot): Promise<Snapshot> {
      const deadline = performance.now() + maxMs;
      const bounds = { isComplete: true, listedBy: 'walk', rules: '' } as const;
      const snapshot: Snapshot = { at: Date.now(), files: new Map(), found: new Map(), ...bounds };
      try {
        await lookAtHeld(worktree, locks, snapshot, { deadline, before });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        // The files do not answer: what is known of them is not all.
        snapshot.isComplete = false;
        return snapshot;
      }
      const bytes = { left: MAX_BYTES };
      if (before) {
        const differing = [...snapshot.files].flatMap(([key, state]) =>
          state && mayDiffer(before.files.get(key), state) ? [state] : [],
        );
        await states.hash(worktree, differing, Math.max(deadline, performance.now() + hashWaitMs), bytes);
        return snapshot;
      }
      const all = [...snapshot.files.values()].filter((state) => state !== null);
      const left = await states.hash(worktree, all, performance.now() + hashWaitMs, bytes);
      // From now on the command may run: a file that is not settled could change without a sign.
      const later = left.filter(({ isSettled }) => isSettled);
      if (later.length > 0) void states.hash(worktree, later, performance.now() + MAX_BACKGROUND_MS, bytes);
      return snapshot;
    },

    /**
     * The changes without those of files that git ignores: it is asked where it gave no list, and about files that were
     * claimed by an edit alone. An agent that locks an ignored file by its path means it.
     */
    async withoutIgnored(
      worktree: string,
      locks: readonly Watched[],
      changed: readonly string[],
      [before, after]: readonly [Snapshot, Snapshot],
    ): Promise<string[]> {
      if (changed.length === 0 || !(await isRepository(worktree))) return [...changed];
      const isListedByGit = before.listedBy === 'git' && after.listedBy === 'git';
      const literals = new Map<string, string>();
      for (const { key, isGlob, origin } of locks) if (!isGlob && origin !== 'hook') literals.set(key, '');
      for (const { key, isGlob, origin, pattern } of locks) {
        if (!isGlob && origin === 'hook' && !literals.has(key)) literals.set(key, pattern);
      }
      const pathOf = (key: string) => literals.get(key) ?? (isListedByGit ? '' : (after.found.get(key) ?? ''));
      const asked = changed.map(pathOf).filter((path) => path !== '');
      if (asked.length === 0) return [...changed];
      const ignored = await findIgnored(worktree, asked);
      return changed.filter((key) => !ignored?.has(pathOf(key)));
    },
  };
}
