// @ts-check
// An embedded server of a benchmark's own, in a folder that is deleted at its end.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Starts it and waits until its storage is open; `env` leads a command to it. */
export async function startLocalServer() {
  const folder = mkdtempSync(join(tmpdir(), 'ps-bench-'));
  const env = { ...process.env, POPSTASH_DATA_DIR: folder, DATABASE_URL: '', REDIS_URL: '' };
  const run = (/** @type {string} */ command) =>
    execFileSync(process.execPath, ['dist/main.js', command, '--json'], { env, encoding: 'utf8' });
  const { pid } = JSON.parse(run('up'));
  return {
    env,
    /** @type {number} */
    pid,
    stop: async () => {
      run('down');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
