import type { Environment } from '../../config.js';
import { readParent, readStartEnvironment } from '../../ipc/read-process.js';

/** No real chain is longer. */
const MAX_ANCESTORS = 32;

/**
 * The environments of this process and of those above it, nearest first. What an agent sets for one command of its shell,
 * its client and the user's terminal do not have. Where the system does not tell (only Linux does), this process's own.
 */
export function listEnvironments(env: Environment): Environment[] {
  const found = [env];
  for (let pid = process.ppid; pid > 1 && found.length < MAX_ANCESTORS; pid = readParent(pid) ?? 0) {
    const above = readStartEnvironment(pid);
    if (above !== null) found.push(above);
  }
  return found;
}
