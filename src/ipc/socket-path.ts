import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** A Unix socket's path has 108 bytes on Linux and 104 on macOS, with the end mark. */
const MAX_PATH_BYTES = 100;

/** Where the server of a data folder listens: in the folder, or in a private folder when that path would be too long. */
export function chooseSocketPath(dataDir: string): string {
  if (process.platform === 'win32')
    return `\\\\.\\pipe\\popstash-${digest(`${userInfo().username}|${dataDir.toLowerCase()}`)}`;
  const path = join(dataDir, 'server.sock');
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return path;
  return join(privateFolder(), `${digest(dataDir)}.sock`);
}

/**
 * Where the front processes of server mode can be asked by hooks: a folder with one entry for each, `<pid>.sock`. On
 * Windows the entry is an empty file that stands for the pipe.
 */
export function chooseFrontsFolder(dataDir: string): string {
  const folder = join(dataDir, 'fronts');
  const longest = Buffer.byteLength(join(folder, '4194304.sock'));
  if (process.platform === 'win32' || longest <= MAX_PATH_BYTES) return folder;
  return join(privateFolder(), `fronts-${digest(dataDir)}`);
}

/** What a front of that pid listens on, and what a hook connects to. */
export function chooseFrontSocket(dataDir: string, pid: number): string {
  if (process.platform === 'win32')
    return `\\\\.\\pipe\\popstash-front-${digest(`${userInfo().username}|${dataDir.toLowerCase()}`)}-${pid}`;
  return join(chooseFrontsFolder(dataDir), `${pid}.sock`);
}

const READER_LOCK = /^(reader-[0-9a-f]+)\.lock$/;

/** The name, in a data folder, of the process that reads usage into a database of server mode; one for each database. */
export function nameReader(databaseUrl: string): string {
  return `reader-${digest(databaseUrl).slice(0, 12)}`;
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
  return join(privateFolder(), `${name}-${digest(dataDir)}.sock`);
}

/** @throws Error when somebody else made the folder: what is in it could be anybody's. */
function privateFolder(): string {
  const uid = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `popstash-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o077) !== 0) {
    throw new Error(`${folder} is not private to this user; remove it, or set POPSTASH_DATA_DIR to a shorter path`);
  }
  return folder;
}

function digest(text: string): string {
  // Loaded only when a path is too long: the bridge starts without it.
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex').slice(0, 24);
}
