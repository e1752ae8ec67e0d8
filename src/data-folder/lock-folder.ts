import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import { AppError } from '../errors.js';
import { describeFolderFault, makeDataFolder } from '../ipc/make-data-folder.js';
import type { Owner } from '../ipc/read-owner.js';
import { makePrivateFolder } from '../ipc/refuse-shared-folder.js';
import { identifyFile, identityOf } from './identify-file.js';

export interface OwnedFolder {
  /** Records who owns it, where the disk has room for that. */
  sign(owner: Owner): void;
  /** Follows a file or folder of the data folder: replacing or deleting it is a loss from now on. */
  follow(path: string): void;
  /**
   * What shows that the data folder, or a followed part of it, was deleted or replaced; null while all is there. Takes some
   * microseconds. What is written after a loss goes into files that nobody will find.
   */
  findLoss(): string | null;
  /** Gives the folder back; the system does the same at any death of the process. */
  release(): void;
}

/**
 * Becomes the one owner of a data folder, or returns null when another process is. Two PGlite processes on one folder
 * lose rows silently, so this comes before PGlite opens. The lock is the operating system's on an open file (OFD on
 * Linux, flock on macOS, LockFileEx on Windows): it ends with the process, also by kill -9, and no stale file blocks.
 * The lock file is never deleted: a successor could lock a file that is no longer there.
 * @throws AppError `invalid_argument` for a folder that others can write to
 */
export function takeDataFolder(dataDir: string): OwnedFolder | null {
  makePrivateFolder(dataDir);
  const lock = takeLock(dataDir, SERVER_LOCK);
  if (!lock) return null;
  const followed = new Map([[join(dataDir, SERVER_LOCK), lock.identity]]);
  return {
    release: lock.release,
    sign: (owner) => writeOwner(dataDir, owner),
    follow: (path) => void followed.set(path, identifyFile(path)),
    findLoss() {
      for (const [path, identity] of followed) {
        if (identifyFile(path) !== identity) return `${path} was deleted or replaced`;
      }
      return null;
    },
  };
}

const SERVER_LOCK = 'server.lock';

/** On a full disk, where no new file can be written, over the one that is there: its space is enough. */
function writeOwner(dataDir: string, owner: Owner): void {
  const path = join(dataDir, 'owner.json');
  const text = `${JSON.stringify(owner)}\n`;
  try {
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    writeOver(path, text);
  }
}

/** Not emptied first: its space could be taken by others in between. */
function writeOver(path: string, text: string): void {
  let file: number | undefined;
  try {
    file = openSync(path, 'r+');
    const length = writeSync(file, text);
    ftruncateSync(file, length);
  } catch {
    // No owner is named: the lock alone decides who serves.
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Whether a server owns the folder; false where there is none. */
export function isOwned(dataDir: string): boolean {
  if (!existsSync(dataDir)) return false;
  const lock = takeLock(dataDir, SERVER_LOCK);
  lock?.release();
  return lock === null;
}

/** The lock of a file in a data folder, or null when another process has it. As `takeDataFolder` explains. */
export function takeLock(dataDir: string, name: string): { identity: string; release(): void } | null {
  makeDataFolder(dataDir);
  const path = join(dataDir, name);
  const descriptor = openLock(dataDir, path);
  const identity = identityOf(fstatSync(descriptor, { bigint: true }));
  // The file may have been replaced between the two.
  if (lockFile(descriptor, path) && identifyFile(path) === identity)
    return { identity, release: () => closeSync(descriptor) };
  closeSync(descriptor);
  return null;
}

/** @throws AppError where no lock can be had at all: then nothing may be opened, since two servers would lose rows */
function lockFile(descriptor: number, path: string): boolean {
  try {
    return tryLock(descriptor);
  } catch (cause) {
    closeSync(descriptor);
    throw new AppError({
      code: 'not_ready',
      message: `${path} can not be locked: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}.`,
      fix: `Set POPSTASH_DATA_DIR to a folder on a local disk. On ${process.platform}-${process.arch}, if docs/installing.md does not list it, use DATABASE_URL instead.`,
      cause,
    });
  }
}

function openLock(dataDir: string, path: string): number {
  try {
    return openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  } catch (error) {
    throw describeFolderFault(dataDir, error);
  }
}
