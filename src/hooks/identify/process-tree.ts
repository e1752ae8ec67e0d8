import { execFile } from 'node:child_process';
import { defineFileTask } from '../../files/file-task.js';
import { runFileTask } from '../../files/run-file-task.js';
import { readCommandLine, readParent, readStartEnvironment } from '../../ipc/read-process.js';

export interface ProcessInfo {
  pid: number;
  parent: number;
  /** Its command line, word by word; empty when the system does not tell it. */
  command: string[];
}

/** The parent and the command line of a process; null when there is none. */
export type ReadProcess = (pid: number) => ProcessInfo | null;

/** No real chain is longer; a table that was read while it changed could hold a cycle. */
const MAX_ANCESTORS = 64;
const TABLE_TIMEOUT_MS = 1_000;

/** A process and its ancestors, nearest first. */
export function listAncestors(pid: number, read: ReadProcess): ProcessInfo[] {
  const chain: ProcessInfo[] = [];
  for (let next = read(pid); next && chain.length < MAX_ANCESTORS; next = read(next.parent)) {
    chain.push(next);
    if (next.parent <= 0) break;
  }
  return chain;
}

/** Of each of these processes it and its ancestors, nearest first; none where the system does not tell. Never rejects. */
export type ReadChains = (pids: readonly number[]) => Promise<ProcessInfo[][]>;

/** Where Linux has processes as files: the command line of one that waits for its own memory may not answer. */
const PROC = '/proc';

export const processTasks = {
  chains: defineFileTask('process-chains', (_proc, pids: readonly number[]) => {
    const read = new Map<number, ProcessInfo | null>();
    const readOnce: ReadProcess = (pid) => {
      const known = read.get(pid);
      const found = known === undefined ? readFromProc(pid) : known;
      read.set(pid, found);
      return found;
    };
    return pids.map((pid) => listAncestors(pid, readOnce));
  }),
  environment: defineFileTask('start-environment', (_proc, pid: number) => readStartEnvironment(pid)),
};

/** Reads this host's processes: one by one where they are files, else all of them at once. */
export const readChains: ReadChains = async (pids) => {
  if (process.platform === 'linux')
    return await runFileTask(processTasks.chains, PROC, pids).catch(() => pids.map(() => []));
  const table = await readTable();
  return pids.map((pid) => listAncestors(pid, (each) => table.get(each) ?? null));
};

/** The environment that a process was started with; null where the system does not tell it. Never rejects. */
export async function findStartEnvironment(pid: number): Promise<Record<string, string> | null> {
  return await runFileTask(processTasks.environment, PROC, pid).catch(() => null);
}

function readFromProc(pid: number): ProcessInfo | null {
  const parent = pid > 0 ? readParent(pid) : null;
  const command = parent === null ? null : readCommandLine(pid);
  return parent === null || command === null ? null : { pid, parent, command };
}

async function readTable(): Promise<Map<number, ProcessInfo>> {
  // Windows has no such command. There a hook finds its agent by the client's session, or as the client's only agent.
  if (process.platform === 'win32') return new Map();
  const output = await new Promise<string>((resolve) => {
    const options = { timeout: TABLE_TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 };
    execFile('ps', ['-A', '-o', 'pid=,ppid=,args='], options, (_error, stdout) => resolve(stdout));
  });
  return parseTable(output);
}

/** Lines of `ps -o pid=,ppid=,args=`. */
export function parseTable(output: string): Map<number, ProcessInfo> {
  const table = new Map<number, ProcessInfo>();
  for (const line of output.split('\n')) {
    const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    if (!match) continue;
    const pid = Number(match[1]);
    table.set(pid, { pid, parent: Number(match[2]), command: (match[3] ?? '').split(' ').filter(Boolean) });
  }
  return table;
}
