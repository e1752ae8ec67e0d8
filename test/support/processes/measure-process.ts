import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What a process has of the system's means (Linux). */
export interface ProcessUse {
  /** Resident memory, in MB. */
  memory: number;
  /** Open files, sockets among them. */
  handles: number;
  sockets: number;
}

/** @throws Error when the process is gone */
export function measureProcess(pid: number): ProcessUse {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  const targets = readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${name}`)];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
  return {
    memory: Math.round(Number(kilobytes ?? 0) / 1024),
    handles: targets.length,
    sockets: targets.filter((target) => target.startsWith('socket:')).length,
  };
}
