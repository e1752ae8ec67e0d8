import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who serves a data folder; for people and diagnosis, the lock alone decides. */
export interface Owner {
  pid: number;
  version: string;
  socket: string;
  /** ISO time. */
  started: string;
  /** When the process was started, as the system counts it (readLife); absent where the system does not tell. */
  pidStart?: string | undefined;
}

/** Who last signed the folder, whether alive or not; null when nobody did or the file is unreadable. */
export function readOwner(dataDir: string): Owner | null {
  const path = join(dataDir, 'owner.json');
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch {
    return null;
  }
}

/** A server loads its code and opens its storage: so long after its start, in ms, it may be silent while others compute. */
const STARTING_MS = 30_000;

/** Whether the server of a folder has only just been started. */
export function isStarting(owner: Owner | null): boolean {
  return owner !== null && Math.abs(Date.now() - Date.parse(owner.started)) < STARTING_MS;
}
