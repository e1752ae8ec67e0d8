import { linkSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../errors.js';
import { makeFolders } from '../make-folders.js';

/** A Unix socket's path has 108 bytes on Linux and 104 on macOS, with the end mark. */
const MAX_PATH_BYTES = 100;

/**
 * Where the server of a data folder listens: in the folder, or in a private folder when that path would be too long. The
 * answer may change when that folder can't be used any more: ask each time.
 */
export function chooseSocketPath(dataDir: string): string {
  if (process.platform === 'win32')
    return `\\\\.\\pipe\\popstash-${digest(`${userInfo().username}|${dataDir.toLowerCase()}`)}`;
  const path = join(dataDir, 'server.sock');
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return path;
  return join(privateFolder(dataDir), `${digest(dataDir)}.sock`);
}

/**
 * Where the front processes of server mode can be asked by hooks: a folder with one entry for each, `<pid>.sock`. On
 * Windows the entry is an empty file that stands for the pipe.
 */
export function chooseFrontsFolder(dataDir: string): string {
  const folder = join(dataDir, 'fronts');
  const longest = Buffer.byteLength(join(folder, '4194304.sock'));
  if (process.platform === 'win32' || longest <= MAX_PATH_BYTES) return folder;
  return join(privateFolder(dataDir), `fronts-${digest(dataDir)}`);
}

/** What a front of that pid listens on, and what a hook connects to. */
export function chooseFrontSocket(dataDir: string, pid: number): string {
  if (process.platform === 'win32')
    return `\\\\.\\pipe\\popstash-front-${digest(`${userInfo().username}|${dataDir.toLowerCase()}`)}-${pid}`;
  return join(chooseFrontsFolder(dataDir), `${pid}.sock`);
}

const READER_LOCK = /^(reader-[0-9a-f]+)\.lock$/;

/** The name, in a data folder, of the process that reads usage into a database of server mode, or for a team; one for each. */
export function nameReader(store: string): string {
  return `reader-${digest(store).slice(0, 12)}`;
}

/** Its lock: a file of the data folder. */
export function readerLock(name: string): string {
  return `${name}.lock`;
}

/** The names of the readers that a data folder has had. */
export function listReaders(dataDir: string): string[] {
  return readdirSync(dataDir).flatMap((file) => READER_LOCK.exec(file)?.[1] ?? []);
}

/** Where a reader listens. */
export function chooseReaderSocket(dataDir: string, name: string): string {
  if (process.platform === 'win32')
    return `\\\\.\\pipe\\popstash-${name}-${digest(`${userInfo().username}|${dataDir.toLowerCase()}`)}`;
  const path = join(dataDir, `${name}.sock`);
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return path;
  return join(privateFolder(dataDir), `${name}-${digest(dataDir)}.sock`);
}

/** In a data folder whose sockets are elsewhere: names that place, since TMPDIR is not the same for all processes. */
const RECORD = 'socket-folder';

/**
 * The folder for sockets of a data folder with a long path. The first process that needs it records it in the data folder.
 * @throws AppError when no folder can be made that is this user's alone
 */
function privateFolder(dataDir: string): string {
  const record = join(dataDir, RECORD);
  const recorded = readRecord(record);
  if (recorded !== null && isUsable(recorded)) return recorded;
  const uid = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `popstash-${uid}`);
  if (!isUsable(folder)) {
    // What is in it could be anybody's.
    throw new AppError({
      code: 'invalid_argument',
      message: `${folder} is not private to this user.`,
      fix: 'Remove it, or set POPSTASH_DATA_DIR to a shorter path.',
    });
  }
  return writeRecord(record, folder, recorded);
}

/** Makes it where it is missing. */
function isUsable(folder: string): boolean {
  try {
    makeFolders(folder);
    const stat = lstatSync(folder);
    return stat.isDirectory() && stat.uid === (process.getuid?.() ?? 0) && (stat.mode & 0o077) === 0;
  } catch {
    return false;
  }
}

function readRecord(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim() || null;
  } catch {
    return null;
  }
}

/** @param former what is recorded and can't be used @returns what is recorded now: another process may have been first */
function writeRecord(path: string, folder: string, former: string | null): string {
  const own = `${path}.${process.pid}`;
  try {
    writeFileSync(own, `${folder}\n`, { mode: 0o600 });
    if (former === null) linkSync(own, path);
    else renameSync(own, path);
  } catch {
    // No data folder yet, or another process has recorded its own.
    return readRecord(path) ?? folder;
  } finally {
    rmSync(own, { force: true });
  }
  return folder;
}

function digest(text: string): string {
  // Loaded only when a path is too long: the bridge starts without it.
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex').slice(0, 24);
}
