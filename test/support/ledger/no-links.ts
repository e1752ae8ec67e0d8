import type { TaskLinks } from '../../../src/accountability/linking/task-links.js';

/** For services that are tested without the ledger. */
export const noLinks: TaskLinks = {
  taskStarted: () => undefined,
  taskEnded: () => undefined,
  sessionKnown: () => undefined,
  flush: async () => undefined,
};
