/** Entry of the model's thread (built to dist/model-thread.mjs): loads the model, then answers requests until told to close. */
import { setImmediate as nextRound } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../errors.js';
import { verifyModel } from './model-store.js';
import { createWordReader } from './read-words.js';
import { createScheduler, type Scheduler } from './schedule-texts.js';
import type { ThreadAnswer, ThreadRequest, ThreadSettings } from './thread-protocol.js';

const port = parentPort;
if (!port) throw new Error('model-thread is not a program: createEmbedder starts it');

const { modelDir, delayMs } = workerData as ThreadSettings;
const early: Exclude<ThreadRequest, { type: 'close' }>[] = [];
let scheduler: Scheduler | undefined;

port.on('message', (request: ThreadRequest) => {
  if (request.type === 'close') {
    // Not process.exit: the batch under way ends first, then nothing keeps the thread alive.
    scheduler?.stop();
    port.close();
  } else if (scheduler) scheduler.add(request);
  else early.push(request);
});

function answer(message: ThreadAnswer): void {
  port?.postMessage(message, message.type === 'embedded' ? [message.vectors.buffer as ArrayBuffer] : []);
}

try {
  // Importing the runtime and reading the files take about as long, so both at once.
  const [{ loadModel }] = await Promise.all([import('./run-model.js'), verifyModel(modelDir)]);
  const model = await loadModel(modelDir);
  const reader = createWordReader(model.encodePieces);
  scheduler = createScheduler({ model, reader, delayMs, answer, yieldToMessages: () => nextRound() });
  answer({ type: 'ready' });
  for (const request of early) scheduler.add(request);
} catch (cause) {
  const known = cause instanceof AppError ? { code: 'corrupt_model' as const, fix: cause.fix } : {};
  answer({
    type: 'unusable',
    error: { message: cause instanceof Error ? cause.message : String(cause), ...known },
  });
  port.close();
}
