// @ts-check
// What the kernel tells of processes (Linux).
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Processes that this one has started.
 * @param {number} pid
 */
export function childrenOf(pid) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => parentOf(other) === pid);
}

/** @param {number} pid */
function parentOf(pid) {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return -1;
  }
}

/**
 * Memory in MB: the resident set, and the proportional one, which counts a page of n processes as 1/n.
 * @param {number} pid
 */
export function memoryOf(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const megabytes = (/** @type {string} */ name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1024;
  return { pss: megabytes('Pss'), rss: megabytes('Rss') };
}
