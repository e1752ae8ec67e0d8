import { execFile } from 'node:child_process';
import { readCommandLine, readParent } from '../../ipc/read-process.js';

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

/** Reads this host's processes: one by one where they are files, else all of them at once. */
export async function openProcessTree(): Promise<ReadProcess> {
  if (process.platform === 'linux') return readFromProc;
  const table = await readTable();
  return (pid) => table.get(pid) ?? null;
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
