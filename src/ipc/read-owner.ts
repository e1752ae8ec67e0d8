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
