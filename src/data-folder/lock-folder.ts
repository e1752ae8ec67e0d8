import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { tryLock } from 'fs-native-extensions';

/** Who serves a data folder; for people and diagnosis, the lock alone decides. */
export interface Owner {
  pid: number;
  version: string;
  socket: string;
  /** ISO time. */
  started: string;
}

export interface OwnedFolder {
  /** Records who owns it. */
  sign(owner: Owner): void;
  /** Gives the folder back; the system does the same at any death of the process. */
  release(): void;
}

/**
 * Becomes the one owner of a data folder, or returns null when another process is. Two PGlite processes on one folder
 * lose rows silently, so this comes before PGlite opens. The lock is the operating system's on an open file (OFD on
 * Linux, flock on macOS, LockFileEx on Windows): it ends with the process, also by kill -9, and no stale file blocks.
 * The lock file is never deleted: a successor could lock a file that is no longer there.
 */
export function takeDataFolder(dataDir: string): OwnedFolder | null {
  const lock = takeLock(dataDir, 'server.lock');
  return (
    lock && {
      release: lock.release,
      sign(owner) {
        const path = join(dataDir, 'owner.json');
        writeFileSync(`${path}.new`, `${JSON.stringify(owner)}\n`, { mode: 0o600 });
        renameSync(`${path}.new`, path);
      },
    }
  );
}

/** The lock of a file in a data folder, or null when another process has it. As `takeDataFolder` explains. */
export function takeLock(dataDir: string, name: string): { release(): void } | null {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const descriptor = openSync(join(dataDir, name), constants.O_RDWR | constants.O_CREAT, 0o600);
  if (tryLock(descriptor)) return { release: () => closeSync(descriptor) };
  closeSync(descriptor);
  return null;
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
