import { isAbsolute } from 'node:path';
import { LRUCache } from 'lru-cache';
import { runFileTask } from '../../files/run-file-task.js';
import { identityTasks } from '../../project/identity-tasks.js';
import type { ProjectIdentities } from '../../project/project-identities.js';
import { identifyProject } from '../../project/resolve-project.js';
import type { FolderOrigin } from '../ledger/entry-row.js';

/** Folders that are remembered: the rows of a reading name few, again and again. */
const MAX_FOLDERS = 1_000;

/**
 * Finds the project of the folders that rows name. A folder that is gone, or is of another machine, counts under its own path.
 * What was found is remembered: make a new one for each reading.
 */
export function createFolderLocator(
  identities: Pick<ProjectIdentities, 'resolve'>,
): (cwd: string) => Promise<FolderOrigin> {
  const known = new LRUCache<string, Promise<FolderOrigin>>({ max: MAX_FOLDERS });
  return (cwd) => {
    const origin = known.get(cwd) ?? locateFolder(identities, cwd);
    known.set(cwd, origin);
    return origin;
  };
}

async function locateFolder(identities: Pick<ProjectIdentities, 'resolve'>, cwd: string): Promise<FolderOrigin> {
  const nowhere = { projectId: identifyProject(cwd), root: cwd, worktree: cwd };
  if (!isAbsolute(cwd)) return nowhere;
  try {
    const { exists } = await runFileTask(identityTasks.lookAtRoot, cwd);
    if (!exists) return nowhere;
    const { id, root, worktree } = await identities.resolve(cwd, undefined);
    return { projectId: id, root, worktree };
  } catch {
    // Its files do not answer.
    return nowhere;
  }
}
