import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { sep } from 'node:path';

/** A process of this host that runs now. */
export interface RunningProcess {
  pid: number;
  parent: number;
  /** Of its program, at most 15 characters. */
  name: string;
  /** When it was started, as the system counts it: with the pid it names one process for ever. */
  start: string;
  /** Seconds since then. */
  ageSeconds: number;
}

/** Steps of the system's clock of process starts, a second; the same on every Linux that Node runs on. */
const TICKS = 100;

/** One running process; null when there is none, or where the system does not tell (only Linux does, quickly). */
export function readRunning(pid: number): RunningProcess | null {
  try {
    return readStat(pid, readUptime());
  } catch {
    return null;
  }
}

/** All running processes; none where the system does not tell. */
export function listRunning(): RunningProcess[] {
  try {
    const uptime = readUptime();
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          return [readStat(Number(name), uptime)];
        } catch {
          return [];
        }
      });
  } catch {
    return [];
  }
}

/** Whether a process works in a folder or below it. */
export function worksIn(pid: number, folder: string): boolean {
  try {
    const cwd = readlinkSync(`/proc/${pid}/cwd`);
    return cwd === folder || cwd.startsWith(folder + sep);
  } catch {
    return false;
  }
}

function readUptime(): number {
  return Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]);
}

function readStat(pid: number, uptime: number): RunningProcess {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The program's name is in parentheses and may hold any character. Fields from the third on; `Z` is one that has ended.
  const end = stat.lastIndexOf(')');
  const name = stat.slice(stat.indexOf('(') + 1, end);
  const fields = stat.slice(end + 2).split(' ');
  const start = fields[19] ?? '';
  if (fields[0] === 'Z' || start === '') throw new Error(`process ${pid} has ended`);
  return { pid, parent: Number(fields[1]), name, start, ageSeconds: uptime - Number(start) / TICKS };
}
