import { runFileTask } from '../../files/run-file-task.js';
import { transcriptTasks } from './transcript-tasks.js';

/**
 * All files below some folders, sorted. A folder that is missing, may not be read or does not answer is empty. Links are not
 * followed, so that no file counts under two names.
 * @param wanted matches the paths of files
 */
export async function listFilesBelow(roots: readonly string[], wanted: RegExp): Promise<string[]> {
  const found = new Set<string>();
  for (const root of roots) {
    for (const path of await runFileTask(transcriptTasks.list, root, wanted).catch(() => [])) found.add(path);
  }
  return [...found].sort();
}
