// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Services
 * @property {import('./require-services.mjs').Runtime} runtime how to start more of the same
 * @property {string} databaseUrl superuser of a private cluster
 * @property {string} redisUrl
 * @property {() => Promise<void>} stop
 */

/**
 * Starts a private PostgreSQL and Redis that end with this process, however it ends.
 * @param {{ durable?: boolean, marker?: string }} [options] durable: fsync on. marker: `NAME=value`; processes with that
 *   in their environment are ended with the services (Linux)
 * @returns {Promise<Services>}
 */
export async function startSupervised(options = {}) {
  const script = fileURLToPath(new URL('supervise.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // a Ctrl-C is handled here; the supervisor ends after its owner
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line').then(([line]) => String(line)), exited.then(() => undefined)]);
  if (first === undefined) throw new Error('the services did not start: see the messages above');
  child.unref();
  return {
    ...JSON.parse(first),
    stop: async () => {
      child.ref();
      child.stdin.end();
      await exited;
    },
  };
}
