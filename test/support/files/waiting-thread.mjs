// A thread for files (src/files/serve-file-tasks.ts) whose work can be made to wait, as a network mount that does not answer.
import { openSync, readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

const work = {
  name: (folder) => folder,
  // Opening a pipe waits until somebody writes to it.
  wait: (folder) => openSync(`${folder}/pipe`, 'r') > 0,
  read: (_folder, path) => readFileSync(path, 'utf8'),
  pause: (_folder, ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
};

parentPort.postMessage({ ready: true });
parentPort.on('message', ({ name, args }) => {
  try {
    parentPort.postMessage({ result: work[name](...args) });
  } catch (error) {
    parentPort.postMessage({ problem: error.message, code: error.code });
  }
});
