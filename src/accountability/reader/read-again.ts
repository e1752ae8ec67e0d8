import type { Logger } from '../../logger.js';
import type { ReadOrder, TranscriptReader } from './reader-types.js';

/** A client writes the last rows of a turn, or of a sub-agent, up to some seconds after it said so. In ms. */
const AGAIN_MS = 3_000;

export interface RepeatedReading {
  /** Reads what was ordered, and once more a little later. Orders that come meanwhile share that second reading. */
  read(order: ReadOrder): Promise<void>;
  /** Ends what is under way at its next step, and reads nothing more. */
  close(): Promise<void>;
}

export interface RepeatedReadingDeps {
  transcripts: TranscriptReader;
  logger: Logger;
  againMs?: number;
}

/** Reads orders of hooks and of tools, which come before all is on disk. */
export function createRepeatedReading({
  transcripts,
  logger,
  againMs = AGAIN_MS,
}: RepeatedReadingDeps): RepeatedReading {
  const stopping = new AbortController();
  const timers = new Map<string, NodeJS.Timeout>();
  const running = new Set<Promise<unknown>>();

  async function readOnce(order: ReadOrder): Promise<void> {
    if (stopping.signal.aborted) return;
    const reading = transcripts.readOrder(order, stopping.signal);
    running.add(reading);
    try {
      const { inserted, updated, merged, filesNotRead, notRead } = await reading;
      if (inserted + updated + merged > 0) logger.debug({ ...order, inserted, updated, merged }, 'usage was read');
      if (filesNotRead > 0) logger.debug({ filesNotRead, notRead }, 'files with usage were not read');
    } finally {
      running.delete(reading);
    }
  }

  function planSecond(order: ReadOrder): void {
    const key = orderKey(order);
    clearTimeout(timers.get(key));
    const timer = setTimeout(() => {
      timers.delete(key);
      readOnce(order).catch((error: unknown) => logger.warn({ err: error }, 'usage could not be read'));
    }, againMs);
    timers.set(key, timer);
  }

  return {
    async read(order) {
      if (stopping.signal.aborted) return;
      planSecond(order);
      await readOnce(order);
    },
    async close() {
      stopping.abort();
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      await Promise.allSettled(running);
    },
  };
}

/** Orders of the same key are the same. */
export function orderKey({ client = '', path = '' }: ReadOrder): string {
  return `${client} ${path}`;
}
