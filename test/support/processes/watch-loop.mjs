// Preloaded (NODE_OPTIONS=--import) into a process whose event loop is watched: a tick every few milliseconds takes the
// time that the main thread has worked since the tick before, which is how long nothing else could run. Each second
// appends a line {"at", "ticks", "worst"} to TEST_LOOP_FOLDER/<command>-<pid>.jsonl.
import { appendFileSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const TICK_MS = 5;
const REPORT_MS = 1_000;

const folder = process.env.TEST_LOOP_FOLDER;
if (isMainThread && folder) watch(folder);

/** @param {string} into */
function watch(into) {
  const workedMs = createWatch();
  const path = join(into, `${process.argv[2] ?? 'node'}-${process.pid}.jsonl`);
  let [last, worst, ticks] = [workedMs(), 0, 0];
  // Neither keeps the process alive.
  setInterval(() => {
    const now = workedMs();
    worst = Math.max(worst, now - last);
    last = now;
    ticks += 1;
  }, TICK_MS).unref();
  let at = Date.now();
  const report = () => {
    appendFileSync(path, `${JSON.stringify({ at, ticks, worst })}\n`);
    [at, worst, ticks] = [Date.now(), 0, 0];
  };
  setInterval(report, REPORT_MS).unref();
  process.on('exit', report);
}

/**
 * On Linux the processor time of the main thread, so that a busy machine, which lets this process wait, does not count;
 * elsewhere the time that passes.
 * @returns {() => number} in ms
 */
function createWatch() {
  try {
    const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
    const buffer = Buffer.alloc(64);
    const read = () => Number.parseInt(buffer.toString('latin1', 0, readSync(file, buffer, 0, 64, 0)), 10) / 1e6;
    if (Number.isFinite(read())) return read;
  } catch {
    // No such file here.
  }
  return () => performance.now();
}
