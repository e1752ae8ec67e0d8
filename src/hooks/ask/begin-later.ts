import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Client's sessions that began while no server answered: what their agents should know is told by a later hook. One empty
 * file each, named by a hash of the client's own name of the session.
 */
export function openLateBeginnings(dataDir: string, session: string | undefined) {
  const folder = join(dataDir, 'beginnings');
  const path = join(
    folder,
    createHash('sha256')
      .update(session ?? '')
      .digest('hex')
      .slice(0, 32),
  );
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
        if (session === undefined) return;
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(path, '');
      }),
    has: () => session !== undefined && existsSync(path),
    remove: () => quietly(() => rmSync(path, { force: true })),
  };
}
