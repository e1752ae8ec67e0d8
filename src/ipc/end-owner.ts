import { type Owner, readOwner } from './read-owner.js';
import { readLife } from './read-process.js';

/** A process that may be ended: its pid, and when it was started, where the system tells that. */
export type EndableProcess = Pick<Owner, 'pid' | 'pidStart'>;

/** Whether both name one process. */
export function isSameProcess(one: EndableProcess | null, other: EndableProcess | null): boolean {
  return one !== null && other !== null && one.pid === other.pid && one.pidStart === other.pidStart;
}

/**
 * Whether a process is stopped (SIGSTOP, or Ctrl-Z in the terminal where it runs): it answers nobody until somebody
 * continues it. A machine that slept, or a debugger, stops no process in this sense.
 */
export function isStopped({ pid, pidStart }: EndableProcess): boolean {
  const life = readLife(pid);
  return life?.state === 'stopped' && (pidStart === undefined || life.start === pidStart);
}

/**
 * Ends a server that does not answer. What it has acknowledged is on the disk, so nothing is lost.
 * @returns false when the process is not there any more, also when another one has its pid
 */
export function endProcess({ pid, pidStart }: EndableProcess): boolean {
  const life = readLife(pid);
  // Without a start that is known to be its own, a pid may be anybody's.
  if (life !== null && (pidStart === undefined || life.start !== pidStart)) return false;
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

/** Ends the server of a data folder if it is stopped. @returns whether it was ended */
export function endStoppedOwner(dataDir: string): boolean {
  const owner = readOwner(dataDir);
  return owner !== null && isStopped(owner) && endProcess(owner);
}
