import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ProcessInfo {
  pid: number;
  parent: number;
  /** Its command line, word by word; empty when the system does not tell. */
  command: string[];
}

/** The parent and the command line of a process; null when there is none. */
export type ReadProcess = (pid: number) => ProcessInfo | null;

/** No sane chain is longer; a table that was read while it changed could hold a circle. */
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

/** A look at this host's processes: one by one where they are files, else all of them at once. */
export async function openProcessTree(): Promise<ReadProcess> {
  if (process.platform === 'linux') return readFromProc;
  const table = await readTable();
  return (pid) => table.get(pid) ?? null;
}

function readFromProc(pid: number): ProcessInfo | null {
  if (pid <= 0) return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in parentheses and may hold any character.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return { pid, parent: Number(fields[1]), command: command.filter((word) => word !== '') };
  } catch {
    return null;
  }
}

async function readTable(): Promise<Map<number, ProcessInfo>> {
  // Windows has no such command: its hooks are known by the client's session, or as the one agent of their client.
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
