/**
 * Entry of the model's thread or process (built to dist/model-thread.mjs): loads the model, then answers requests until told
 * to close.
 */
import { setImmediate as nextRound } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { collectGarbage } from '../async/collect-garbage.js';
import { AppError } from '../errors.js';
import { findPackage } from '../package-root.js';
import { actWhenIdle, type IdleWatch } from './act-when-idle.js';
import { verifyModel } from './model-store.js';
import { createWordReader } from './read-words.js';
import { loadRuntime } from './runtime/load-runtime.js';
import { createScheduler, type Scheduler } from './schedule-texts.js';
import type { ThreadAnswer, ThreadRequest, ThreadSettings } from './thread-protocol.js';

const {
  modelDir,
  delayMs,
  runtime: choice = 'auto',
} = (parentPort ? workerData : JSON.parse(process.argv[2] ?? '{}')) as ThreadSettings;
if (!modelDir) throw new Error('model-thread is not a program: createEmbedder starts it');
/** Without a passage to embed for so long, in ms, memory is given back. */
const IDLE_MS = 3_000;

const early: Exclude<ThreadRequest, { type: 'close' }>[] = [];
let scheduler: Scheduler | undefined;
let closing = false;
let idle: IdleWatch | undefined;

function receive(request: ThreadRequest): void {
  if (request.type === 'close') close();
  else if (scheduler) scheduler.add(request);
  else early.push(request);
  if (request.type === 'embed' && request.priority === 'passage') idle?.touch();
}

/** Not process.exit: the batch under way ends first, then nothing keeps the thread or the process alive. */
function close(): void {
  closing = true;
  scheduler?.stop();
  if (parentPort) parentPort.close();
  else if (process.connected) process.disconnect();
}

function answer(message: ThreadAnswer, sent: () => void = () => undefined): void {
  if (!parentPort) {
    process.send?.(message, undefined, undefined, sent);
    return;
  }
  parentPort.postMessage(message, message.type === 'embedded' ? [message.vectors.buffer as ArrayBuffer] : []);
  sent();
}

/** The runtime first: transformers takes the one that is there when it is imported. */
async function importModel() {
  const runtime = await loadRuntime(choice, findPackage().root);
  return { runtime, ...(await import('./run-model.js')) };
}

function isKnown(code: string): code is 'corrupt_model' | 'not_ready' {
  return code === 'corrupt_model' || code === 'not_ready';
}

if (parentPort) parentPort.on('message', receive);
else {
  process.on('message', receive);
  process.on('disconnect', () => {
    // Its owner is gone, however that ended. A plain exit would meet the runtime in the middle of a batch.
    if (!closing) process.kill(process.pid, 'SIGKILL');
  });
  // A terminal's Ctrl-C reaches the whole group; the owner closes the model when it is done with it.
  process.on('SIGINT', () => undefined);
}

try {
  // Importing the runtime and reading the files take about as long, so both at once.
  const [{ runtime, loadModel }] = await Promise.all([importModel(), verifyModel(modelDir)]);
  const model = await loadModel(modelDir);
  const reader = createWordReader(model.encodePieces);
  // What loading and batches have left behind: several times what queries need.
  idle = actWhenIdle(IDLE_MS, () => {
    if (parentPort || closing) return;
    collectGarbage();
    void model.releaseMemory().catch(() => undefined);
  });
  idle.touch();
  scheduler = createScheduler({
    model,
    reader,
    delayMs,
    answer: (message) => answer(message),
    yieldToMessages: () => nextRound(),
  });
  answer({ type: 'ready', runtime });
  for (const request of early) scheduler.add(request);
} catch (cause) {
  const known = cause instanceof AppError && isKnown(cause.code) ? { code: cause.code, fix: cause.fix } : {};
  answer(
    { type: 'unusable', error: { message: cause instanceof Error ? cause.message : String(cause), ...known } },
    close,
  );
}
