import type { ReaderDeps } from './read-passes.js';
import type { TranscriptReader } from './reader-types.js';

/** A reader whose code is loaded when it first reads: most processes that could read never do. */
export function createTranscriptReader(deps: ReaderDeps): TranscriptReader {
  let opening: Promise<TranscriptReader> | undefined;
  const open = () => {
    opening ??= import('./read-passes.js').then(({ openReader }) => openReader(deps));
    return opening;
  };
  return {
    readAll: async (request) => (await open()).readAll(request),
    readOrder: async (order, signal) => (await open()).readOrder(order, signal),
  };
}
