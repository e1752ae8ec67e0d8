import { transcriptTasks } from '../../accountability/transcripts/transcript-tasks.js';
import {
  normalizeTask,
  placeFilesTask,
  placePatternTask,
  placeTextTask,
  placeWrittenTask,
} from '../../coordination/locks/place-tasks.js';
import { learnWorktreeTask } from '../../coordination/plain-paths/learn-worktree.js';
import { readFileTask } from '../../files/foreign-file-tasks.js';
import type { AnyFileTask, LaterTasks } from '../../files/serve-file-tasks.js';
import { fileStatesTask, pathMarksTask } from '../../git/file-marks.js';
import { areWithinTask, hashPlainTask } from '../../git/hash-plain.js';
import { headTask, refTask } from '../../git/read-head.js';
import { runningTasks } from '../../hooks/identify/find-survivors.js';
import { processTasks } from '../../hooks/identify/process-tree.js';
import { snapshotTasks } from '../../hooks/snapshots/snapshot-tasks.js';
import { normaliseTask } from '../../identity/read-history.js';
import { identityTasks } from '../../project/identity-tasks.js';

/** All work on files that a server has its threads do. */
export const FILE_TASKS: readonly AnyFileTask[] = [
  ...Object.values(identityTasks),
  ...Object.values(snapshotTasks),
  ...Object.values(processTasks),
  ...Object.values(transcriptTasks),
  ...Object.values(runningTasks),
  learnWorktreeTask,
  placeTextTask,
  placeWrittenTask,
  placePatternTask,
  placeFilesTask,
  normalizeTask,
  fileStatesTask,
  pathMarksTask,
  areWithinTask,
  hashPlainTask,
  headTask,
  refTask,
  normaliseTask,
  readFileTask,
];

/** SQLite, and what reads a client's rows of it. */
export const LATER_TASKS: LaterTasks = {
  'read-opencode': async () => (await import('../../accountability/clients/opencode.js')).readTask,
};
