// The embedded database's thread: a statement blocks it from beginning to end, which the server's own must never be.
import { parentPort, workerData } from 'node:worker_threads';
import { openPglite } from './pglite-backend.js';

export type ThreadRequest = { type: 'run'; bytes: Uint8Array } | { type: 'close' };
export type ThreadAnswer =
  | { type: 'open' }
  | { type: 'ran'; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'closed' }
  | { type: 'failed'; message: string };

const port = parentPort;
if (!port) throw new Error('pglite-thread.js is started by a server, not by hand');
const say = (answer: ThreadAnswer, transfer: ArrayBuffer[] = []): void => port.postMessage(answer, transfer);
const fail = (error: unknown): void =>
  say({ type: 'failed', message: error instanceof Error ? error.message : String(error) });

try {
  const backend = await openPglite((workerData as { folder: string }).folder);
  port.on('message', (request: ThreadRequest) => {
    if (request.type === 'close') {
      backend.close().then(() => say({ type: 'closed' }), fail);
      return;
    }
    backend.run(Buffer.from(request.bytes)).then((answer) => {
      const bytes = new Uint8Array(answer);
      say({ type: 'ran', bytes }, [bytes.buffer]);
    }, fail);
  });
  say({ type: 'open' });
} catch (error) {
  fail(error);
}
