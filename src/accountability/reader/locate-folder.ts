import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { ProjectIdentities } from '../../project/project-identities.js';
import { identifyProject } from '../../project/resolve-project.js';
import type { FolderOrigin } from '../ledger/entry-row.js';

/** Folders that are remembered: the rows of a reading name few, again and again. */
const MAX_FOLDERS = 1_000;

/**
 * Finds the project of the folders that rows name. A folder that is gone, or is of another machine, counts under its own path.
 * What was found is remembered: make a new one for each reading.
 */
export function createFolderLocator(identities: Pick<ProjectIdentities, 'resolve'>): (cwd: string) => FolderOrigin {
  const known = new LRUCache<string, FolderOrigin>({ max: MAX_FOLDERS });
  return (cwd) => {
    const origin = known.get(cwd) ?? locateFolder(identities, cwd);
    known.set(cwd, origin);
    return origin;
  };
}

function locateFolder(identities: Pick<ProjectIdentities, 'resolve'>, cwd: string): FolderOrigin {
  if (!isAbsolute(cwd) || !existsSync(cwd)) return { projectId: identifyProject(cwd), root: cwd, worktree: cwd };
  const { id, root, worktree } = identities.resolve(cwd, undefined);
  return { projectId: id, root, worktree };
}
