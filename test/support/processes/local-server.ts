// Looking at embedded servers from outside.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readOwner } from '../../../src/data-folder/lock-folder.js';
import { openPglite } from '../../../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../../../src/db/pglite/pglite-pool.js';
import type { Report } from '../../../src/ipc/control-protocol.js';
import { askServer as askForReport } from '../../../src/ipc/reach-server.js';
import { chooseSocketPath } from '../../../src/ipc/socket-path.js';
import { isAlive } from './processes.js';

/** What the server of a data folder says of itself; null when none listens. */
export async function askServer(dataDir: string): Promise<Report | null> {
  const said = await askForReport(chooseSocketPath(dataDir));
  return said?.popstash === 'report' ? said : null;
}

/** Pids of server processes that live in a data folder, no matter what started them (Linux). */
export function serverProcesses(dataDir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const isServer = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('serve');
        return (
          isServer &&
          (readlinkSync(`/proc/${pid}/cwd`) === dataDir || ownEnvironment(pid).includes(`POPSTASH_DATA_DIR=${dataDir}`))
        );
      } catch {
        return false;
      }
    });
}

function ownEnvironment(pid: number): string[] {
  return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
}

/** kill -9 of the server that last signed the folder; none where that one is dead and the next has not signed yet. */
export function killServer(dataDir: string): void {
  const owner = readOwner(dataDir);
  if (owner && isAlive(owner.pid)) process.kill(owner.pid, 'SIGKILL');
}

/** Contents of all live insights, read from the folder itself: its server must have ended. */
export async function readInsights(dataDir: string): Promise<string[]> {
  const database = await openPglite(join(dataDir, 'database'));
  const pool = new PglitePool(Promise.resolve(database));
  const { rows } = await pool.query<{ content: string }>(
    'SELECT content FROM insights WHERE superseded_by IS NULL ORDER BY content',
  );
  await pool.end();
  await database.close();
  return rows.map((row) => row.content);
}
