import { readFileSync } from 'node:fs';

/** The parent of a process as /proc tells it; null where there is no such process, or no /proc. */
export function readParent(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The program's name is in parentheses and may hold any character.
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(parent);
  } catch {
    return null;
  }
}

/** The command line of a process as /proc tells it, word by word; null where there is no such process, or no /proc. */
export function readCommandLine(pid: number): string[] | null {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .filter((word) => word !== '');
  } catch {
    return null;
  }
}
