import { basename, dirname } from 'node:path';
import { runFileTask } from '../files/run-file-task.js';
import { identityTasks } from '../project/identity-tasks.js';
import type { RecordsAccess } from '../project/project-identities.js';
import type { ProjectRow } from './identity-types.js';
import type { History } from './read-history.js';

/** Whether two repositories can't be clones of each other: both have commits, and share no first one. */
export function isOtherHistory(row: Pick<ProjectRow, 'rootCommits'>, { rootCommits }: History): boolean {
  if (row.rootCommits === null || rootCommits === null) return false;
  return row.rootCommits.length > 0 && !row.rootCommits.some((commit) => rootCommits.includes(commit));
}

/** Whether a repository is a clone of a project by all that is known: its first commit and where it comes from. */
export function isClone(row: ProjectRow, root: string, { rootCommits, remote }: History): boolean {
  const sharesCommit = row.rootCommits?.some((commit) => rootCommits?.includes(commit)) ?? false;
  const isRemoteKnown = row.remote !== null && remote !== null;
  if (isRemoteKnown && row.remote === remote) return sharesCommit || row.rootCommits === null || rootCommits === null;
  // A clone of a clone names that as its remote.
  return sharesCommit && (!isRemoteKnown || isPlace(remote, row.root) || isPlace(row.remote, root));
}

function isPlace(remote: string | null, root: string): boolean {
  return remote === `file:${root}` || (basename(root) === '.git' && remote === `file:${dirname(root)}`);
}

/** Whether a project is still where it was seen last: another repository may have come there. Files that do not answer are. */
export async function isStillThere(
  records: Pick<RecordsAccess, 'readRepository'>,
  { id, root }: Pick<ProjectRow, 'id' | 'root'>,
): Promise<boolean> {
  try {
    const record = await records.readRepository(root);
    if (record) return record.id === id;
    const { exists, isGitDirectory } = await runFileTask(identityTasks.lookAtRoot, root);
    return exists && (basename(root) !== '.git' || isGitDirectory);
  } catch {
    return true;
  }
}
