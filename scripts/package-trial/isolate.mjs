// @ts-check
import { spawnSync } from 'node:child_process';

/**
 * A command in a network of its own with nothing but loopback, where this system lets us make one (Linux, root).
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {{ command: string, args: string[], isolation: string }}
 */
export function isolate(program, args) {
  const up = 'ip link set lo up && exec "$@"';
  const made = spawnSync('unshare', ['--net', 'sh', '-c', 'ip link set lo up']);
  if (made.status !== 0) {
    return {
      command: program,
      args: [...args],
      isolation: 'no network namespace can be made here: a dead proxy alone keeps npm from other registries',
    };
  }
  return {
    command: 'unshare',
    args: ['--net', 'sh', '-c', up, 'sh', program, ...args],
    isolation: 'in a network namespace with nothing but loopback',
  };
}
