// @ts-check
// An embedded server of a benchmark's own, in a folder that is deleted at its end.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Starts it and waits until its storage is open; `env` leads a command to it.
 * @param {Record<string, string>} [variables]
 * @param {string | null} [given] a data folder that is there already, and stays
 */
export async function startLocalServer(variables = {}, given = null) {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'ps-bench-'));
  const env = { ...process.env, ...variables, POPSTASH_DATA_DIR: folder, DATABASE_URL: '', REDIS_URL: '' };
  const run = (/** @type {string} */ command) =>
    execFileSync(process.execPath, ['dist/main.js', command, '--json'], { env, encoding: 'utf8' });
  const { pid } = JSON.parse(run('up'));
  return {
    env,
    /** @type {number} */
    pid,
    /** Resolves when every memory has its vector. */
    untilEmbedded: async () => {
      while (JSON.parse(run('status')).status.pending > 0) await sleep(1_000);
    },
    stop: async () => {
      run('down');
      if (!given) rmSync(folder, { recursive: true, force: true });
    },
  };
}
