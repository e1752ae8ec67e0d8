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

/** The terminal that a process belongs to, such as `pts/3`, as /proc tells it; null where it has none, or no /proc. */
export function readTty(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const device = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[4]);
    const [major, minor] = [(device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xfff00)];
    // Device numbers of Linux: consoles are 4, pseudo terminals 136 to 143.
    if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`;
    return major === 4 && minor < 64 ? `tty${minor}` : null;
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

/** The environment that a process was started with, as /proc tells it; null where there is no such process, or no /proc. */
export function readStartEnvironment(pid: number): Record<string, string> | null {
  try {
    const pairs = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return Object.fromEntries(
      pairs.flatMap((pair) => {
        const at = pair.indexOf('=');
        // As in this process's own: an empty variable is an unset one.
        return at > 0 && at < pair.length - 1 ? [[pair.slice(0, at), pair.slice(at + 1)]] : [];
      }),
    );
  } catch {
    return null;
  }
}
