import { join } from 'node:path';
import { createFileThreads } from '../../files/file-threads.js';
import { doFileTasksBy } from '../../files/run-file-task.js';
import type { Logger } from '../../logger.js';
import { findPackage } from '../../package-root.js';

/**
 * From now on this process has its work on files that are not ours done by threads, for its whole life: it serves many, and
 * files that do not answer hold up those alone who asked for them.
 */
export function startFileThreads(logger: Pick<Logger, 'warn'>): void {
  const threads = createFileThreads({
    threadFile: join(findPackage().root, 'dist', 'files-thread.cjs'),
    onStuck: (folder, task) => logger.warn({ folder, task }, 'the files of a folder do not answer'),
  });
  doFileTasksBy(threads.run);
}
