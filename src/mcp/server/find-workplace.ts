import { fileURLToPath } from 'node:url';
import { resolveProject, type Workplace } from '../../project/resolve-project.js';
import type { WorkplaceOrigin } from '../../project/workplace-origin.js';

export interface WorkplaceFinder {
  /** As far as it is known by now. */
  current(): Workplace;
  /** Once it is known: by the folder that the client started this connection in, else by what it tells. Never rejects. */
  settle(): Promise<Workplace>;
  /** The client's roots have changed. */
  reconsider(): void;
}

/**
 * Finds out where an agent works: in the folder of its client's process; where that is `/` or the home folder, in the
 * first root that the client lists, else in the folder that its environment names.
 * @param listRoots URIs of the client's roots; empty when it has none or can't tell
 */
export function createWorkplaceFinder(
  { cwd, home, project, clientFolder, acrossWorktrees }: WorkplaceOrigin,
  listRoots: () => Promise<string[]>,
): WorkplaceFinder {
  const resolveIn = (folder: string): Workplace => ({ ...resolveProject(folder, project, home), acrossWorktrees });
  let current = resolveIn(cwd);
  let settling: Promise<Workplace> | undefined;
  let isSettled = false;

  async function find(): Promise<Workplace> {
    if (current.isKnown) return current;
    const roots = await listRoots().catch(() => []);
    const folders = [...roots.flatMap(toFolder), ...(clientFolder === undefined ? [] : [clientFolder])];
    const found = folders.map(resolveIn).find(({ isKnown }) => isKnown);
    // The agent's memory stays where its first call put it; its files have found their place.
    if (found) current = isSettled ? { ...found, id: current.id, root: current.root } : found;
    isSettled = true;
    return current;
  }

  return {
    current: () => current,
    settle() {
      settling ??= find();
      return settling;
    },
    reconsider() {
      settling = undefined;
    },
  };
}

function toFolder(uri: string): string[] {
  try {
    return [fileURLToPath(uri)];
  } catch {
    // A root that is no folder of this machine.
    return [];
  }
}
