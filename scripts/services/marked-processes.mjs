// @ts-check
// Finds the processes of a test by a variable in their environment: unlike a parent's id it is inherited by every
// descendant, also by one that was detached. Linux only; elsewhere nothing is found.
import { readdirSync, readFileSync } from 'node:fs';

/**
 * @param {string} marker `NAME=value`
 * @returns {{ pid: number, command: string }[]} living processes with it, this one left out
 */
export function findMarkedProcesses(marker) {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        if (!readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(marker)) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').join(' ').trim();
        return command === '' ? [] : [{ pid: Number(name), command }]; // a zombie has no command line
      } catch {
        return []; // it ended meanwhile, or is another user's
      }
    });
}

/**
 * Ends them without asking.
 * @param {string} marker
 */
export function endMarkedProcesses(marker) {
  const found = findMarkedProcesses(marker);
  for (const { pid } of found) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}
