// The embedded database's thread: a statement blocks it from beginning to end, which the server's own must never be.
import { constants, cpSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { collectGarbage } from '../../async/collect-garbage.js';
import { wordError } from '../../word-error.js';
import { openPglite } from './pglite-backend.js';

export type ThreadRequest = { type: 'run'; bytes: Uint8Array } | { type: 'copy'; to: string } | { type: 'close' };
export type ThreadAnswer =
  | { type: 'open' }
  | { type: 'ran'; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'copied' }
  | { type: 'copy-failed'; message: string }
  | { type: 'closed' }
  | { type: 'failed'; message: string };

const port = parentPort;
if (!port) throw new Error('pglite-thread.js is started by a server, not by hand');
const say = (answer: ThreadAnswer, transfer: ArrayBuffer[] = []): void => port.postMessage(answer, transfer);
const fail = (error: unknown): void => say({ type: 'failed', message: wordError(error) });

/** What a start asks at once is answered by then, in ms. */
const SETTLE_MS = 3_000;

/** While this thread copies, it changes no file: the copy is what a crash at this moment would leave. */
function copy(from: string, to: string): void {
  try {
    cpSync(from, to, { recursive: true, force: false, errorOnExist: true, mode: constants.COPYFILE_FICLONE });
    say({ type: 'copied' });
  } catch (error) {
    say({ type: 'copy-failed', message: wordError(error) });
  }
}

try {
  const { folder } = workerData as { folder: string };
  const backend = await openPglite(folder);
  port.on('message', (request: ThreadRequest) => {
    if (request.type === 'close') {
      backend.close().then(() => say({ type: 'closed' }), fail);
      return;
    }
    if (request.type === 'copy') {
      copy(folder, request.to);
      return;
    }
    backend.run(Buffer.from(request.bytes)).then((answer) => {
      const bytes = new Uint8Array(answer);
      say({ type: 'ran', bytes }, [bytes.buffer]);
    }, fail);
  });
  say({ type: 'open' });
  // The files of the database's program: 15 MB that nothing needs any more.
  setTimeout(collectGarbage, SETTLE_MS).unref();
} catch (error) {
  fail(error);
}
