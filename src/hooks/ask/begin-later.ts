import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../../make-folders.js';

/** Characters of a session's name that name its file. */
const MAX_NAME = 100;

/**
 * Clients' sessions that began while no server answered: what their agents should know is told by a later hook. One empty
 * file each, named by the client's own name of the session. (No hash: an agent's edit waits for this process, and loading
 * one would take longer than all of this.)
 */
export function openLateBeginnings(dataDir: string, session: string | undefined) {
  const folder = join(dataDir, 'beginnings');
  const name = (session ?? '').replace(/[^\w-]/g, '_').slice(0, MAX_NAME);
  const path = join(folder, name);
  const quietly = (work: () => void) => {
    try {
      work();
    } catch {
      // A folder that can't be written: the agent is told by its first call.
    }
  };
  return {
    /** The session has begun, and its agent was told nothing. */
    add: () =>
      quietly(() => {
        if (name === '') return;
        makeFolders(folder);
        writeFileSync(path, '');
      }),
    has: () => name !== '' && existsSync(path),
    remove: () => quietly(() => name !== '' && rmSync(path, { force: true })),
  };
}
