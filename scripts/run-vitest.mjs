// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs vitest and prints `N passed, N failed, N skipped` as its last line.
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 * @returns {Promise<number>} exit code: 0 only when all passed and at least one ran
 */
export async function runVitest(args, env = {}) {
  const scratch = mkdtempSync(join(tmpdir(), 'popstash-run-'));
  const counts = join(scratch, 'counts.json');
  try {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const reporters = ['--reporter=default', '--reporter=./scripts/summary-reporter.mjs'];
    const exit = await run(process.execPath, [vitest, 'run', ...reporters, ...args], {
      POPSTASH_TEST_COUNTS: counts,
      ...env,
    });
    const { passed, failed, skipped } = readCounts(counts) ?? { passed: 0, failed: 1, skipped: 0 };
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    return exit || (failed > 0 || passed === 0 ? 1 : 0);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Runs a command in the package's folder with this terminal's output; it ends with us.
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 * @returns {Promise<number>} its exit code, 128 + the signal's number when it was killed
 */
export async function run(command, args, env = {}) {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const pass = (/** @type {NodeJS.Signals} */ signal) => void child.kill(signal);
  process.on('SIGTERM', pass).on('SIGINT', pass);
  try {
    const [code, signal] = await once(child, 'exit');
    return code ?? 128 + (constants.signals[/** @type {NodeJS.Signals} */ (signal)] ?? 0);
  } finally {
    process.off('SIGTERM', pass).off('SIGINT', pass);
  }
}

/** @param {string} file */
function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // vitest ended before the end of the run
  }
}
