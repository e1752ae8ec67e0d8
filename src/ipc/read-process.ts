import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Of a command line: which program it is stands at its beginning. */
const MAX_COMMAND_BYTES = 64 * 1024;
const MAX_ENVIRONMENT_BYTES = 1024 * 1024;

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

/** A process names its own command line: it may have megabytes. */
function readBeginning(path: string, maxBytes: number): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.allocUnsafe(maxBytes);
    let length = 0;
    for (let read = -1; read !== 0 && length < maxBytes; length += read) {
      read = readSync(file, bytes, length, maxBytes - length, null);
    }
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
}

/** The command line of a process as /proc tells it, word by word; null where there is no such process, or no /proc. */
export function readCommandLine(pid: number): string[] | null {
  try {
    return readBeginning(`/proc/${pid}/cmdline`, MAX_COMMAND_BYTES)
      .split('\0')
      .filter((word) => word !== '');
  } catch {
    return null;
  }
}

/** The environment that a process was started with, as /proc tells it; null where there is no such process, or no /proc. */
export function readStartEnvironment(pid: number): Record<string, string> | null {
  try {
    const pairs = readBeginning(`/proc/${pid}/environ`, MAX_ENVIRONMENT_BYTES).split('\0');
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

/** How a process fares, as /proc tells it. */
export interface ProcessLife {
  /** `stopped`: by a signal, until somebody continues it. `ended`: only its entry is left, since nobody has reaped it. */
  state: 'running' | 'stopped' | 'ended';
  /** When it was started, as the system counts it: with the pid it names one process. */
  start: string;
}

/** The life of a process; null where there is no such process, or no /proc. */
export function readLife(pid: number): ProcessLife | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Fields from the third on: the state, and as the 22nd the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const letter = fields[0] ?? '';
    const state = 'ZXx'.includes(letter) ? 'ended' : letter === 'T' ? 'stopped' : 'running';
    return { state, start: fields[19] ?? '' };
  } catch {
    return null;
  }
}

/**
 * Whether a process runs. One that has ended and that nobody has reaped does not, nor does another one that got its pid.
 * @param start as `readLife` gave it; without it any process of the pid counts
 */
export function isRunning(pid: number, start?: string | null): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // A process of another user is one.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const life = readLife(pid);
  if (life === null) return true;
  return life.state !== 'ended' && (!start || life.start === start);
}
