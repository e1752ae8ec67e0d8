import { closeSync, fstatSync, openSync, realpathSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { smallNodeEnvironment } from '../config.js';
import { describeFolderFault } from './make-data-folder.js';
import { type LastWords, readLastWords } from './read-last-words.js';
import { makePrivateFolder } from './refuse-shared-folder.js';

/** A log larger than this is put aside when a server is started. */
const MAX_LOG_BYTES = 2 * 1024 * 1024;

/**
 * Flags of Node for a process that is there all day. V8 compiles the embedded database in one thread beside the main one
 * instead of four, each of which would keep what it allocated once; and it keeps less room for new objects.
 */
const SMALL_NODE = ['--v8-pool-size=1', '--max-semi-space-size=4'];

/** Where the servers of a data folder log to. */
export function serverLogPath(dataDir: string): string {
  return join(dataDir, 'server.log');
}

/**
 * Starts `popstash serve` as a process of its own that outlives this one. Several may be started at once: one becomes
 * the owner of the folder, the others find it and end.
 * @param onExit is told the exit code of a server that ends while this process lives: 0 when another one serves the
 * folder, -1 when it could not be started; and why, where its log says so
 * @throws AppError `invalid_argument` for a folder that others can write to
 */
export function startServer(dataDir: string, onExit: OnExit): void {
  startInBackground({ dataDir, command: 'serve', logPath: serverLogPath(dataDir), onExit });
}

/** Where the readers of a data folder log to. */
export function readerLogPath(dataDir: string): string {
  return join(dataDir, 'reader.log');
}

/** Starts `popstash reader`, with this process's environment, likewise. */
export function startReader(dataDir: string, onExit: OnExit): void {
  startInBackground({ dataDir, command: 'reader', logPath: readerLogPath(dataDir), onExit });
}

type OnExit = (code: number, words: LastWords | null) => void;

interface BackgroundProcess {
  dataDir: string;
  command: string;
  logPath: string;
  onExit: OnExit;
}

function startInBackground({ dataDir, command, logPath, onExit }: BackgroundProcess): void {
  // Loaded only here: a bridge that finds a server never needs it.
  const { spawn } = process.getBuiltinModule('node:child_process');
  makePrivateFolder(dataDir);
  putAside(logPath);
  const log = openLog(dataDir, logPath);
  try {
    const main = realpathSync(process.argv[1] ?? '');
    const child = spawn(process.execPath, [...SMALL_NODE, main, command], {
      env: smallNodeEnvironment(dataDir),
      // In the data folder, so that it doesn't keep the client's folder busy.
      cwd: dataDir,
      detached: true,
      stdio: ['ignore', log, log],
      windowsHide: true,
    });
    const { size } = fstatSync(log);
    child.on('error', () => onExit(-1, null));
    // A server that has ended as it should ends itself by SIGTERM.
    child.on('exit', (exitCode, signal) => {
      const code = exitCode ?? (signal === 'SIGTERM' ? 0 : -1);
      onExit(code, code === 0 ? null : readLastWords(logPath, size));
    });
    child.unref();
  } finally {
    closeSync(log);
  }
}

function putAside(path: string): void {
  try {
    if (statSync(path).size > MAX_LOG_BYTES) renameSync(path, `${path}.1`);
  } catch {
    // None yet, or another bridge put it aside.
  }
}

function openLog(dataDir: string, path: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (error) {
    throw describeFolderFault(dataDir, error);
  }
}
