import { placeWrittenTask } from '../../coordination/locks/place-tasks.js';
import { AppError } from '../../errors.js';
import type { FileTask } from '../../files/file-task.js';
import { doFileTasksBy, type RunFileTask } from '../../files/run-file-task.js';
import { identityTasks } from '../../project/identity-tasks.js';

/** Named like work on files, and looks at none. */
const READS_NOTHING: ReadonlySet<string> = new Set([placeWrittenTask.name]);
/** What is answered where nothing is: the root of a member's project is no folder of this machine. */
const NOWHERE = { exists: false, isGitDirectory: false };

/**
 * From now on this process does no work on files of others: it serves agents of other machines, on which a path means other files
 * than here.
 */
export function readNoFiles(): void {
  const run: RunFileTask = async <Args extends readonly unknown[], Result>(
    task: FileTask<Args, Result>,
    ...args: Args
  ): Promise<Awaited<Result>> => {
    if (READS_NOTHING.has(task.name)) return await task.run(...args);
    if (task.name === identityTasks.lookAtRoot.name) return NOWHERE as Awaited<Result>;
    throw new AppError({
      code: 'not_found',
      message: "The files of a team's members are not on this machine.",
      fix: 'Run the command on the machine where they are.',
    });
  };
  doFileTasksBy(run);
}
