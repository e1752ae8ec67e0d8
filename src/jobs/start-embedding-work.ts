import type { Pool } from 'pg';
import { withTimeout } from '../async/with-timeout.js';
import type { Embedder } from '../embedding/embedding-types.js';
import type { Logger } from '../logger.js';
import { createPassageEmbedder } from '../memory/passages/embed-passages.js';
import { startSweep } from '../memory/passages/sweep-passages.js';
import { answerQuery } from '../memory/search/query-embedder.js';
import type { QueueBackend } from '../queue/backend.js';
import { startConsumer } from '../queue/consumer.js';
import { MERGED_PASSAGES } from '../queue/merge-nudges.js';
import { createQueueLink } from '../queue/queue-link.js';
import { encodeVector } from '../queue/vector-codec.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';

/** How a backend is worked off: jobs on PostgreSQL cost milliseconds each, on Redis a fraction of one. */
const PACE = {
  redis: { concurrency: 48, passagesPerJob: MERGED_PASSAGES },
  postgres: { concurrency: 8, passagesPerJob: 32 },
} as const;
/** Queries at once: they wait for one model. */
const QUERY_CONCURRENCY = 8;
/** A query's deadline is by its asker's clock, which may differ from ours by this much, in ms, before we call it late. */
const CLOCK_SKEW_MS = 2_000;
/** How often the queue is asked whether it still answers, in ms: a stopped Redis keeps its sockets. */
const WATCH_MS = 2_000;
/** The batches under way get this long, in ms; a slow model's are left to the next worker. */
const CLOSE_MS = 4_000;

export interface EmbeddingWorkDeps {
  pool: Pool;
  backend: QueueBackend;
  /** Stays open: the caller closes it, after this work. */
  embedder: Embedder;
  logger: Logger;
  telemetry: Telemetry;
  /** False where queries reach the embedder by a shorter way (the embedded server). */
  answersQueries: boolean;
}

export interface Work {
  /** Finishes the batch under way, gives the rest back, closes its connections. Bounded; never rejects. */
  close(): Promise<void>;
}

/** All that the owner of a model does: passages and queries from the queue, and the sweep for what the queue lost. */
export function startEmbeddingWork(deps: EmbeddingWorkDeps): Work {
  const { pool, backend, embedder, logger, telemetry } = deps;
  const { concurrency, passagesPerJob } = PACE[backend.kind];
  const passages = createPassageEmbedder({ pool, embedder, logger, telemetry });
  const common = { backend, logger, telemetry };
  const consumers = [
    startConsumer({
      ...common,
      name: 'embedding',
      concurrency,
      handler: ({ passageIds }) => passages.embed(passageIds),
    }),
  ];
  if (deps.answersQueries) {
    consumers.push(
      startConsumer({
        ...common,
        name: 'query-embedding',
        concurrency: QUERY_CONCURRENCY,
        handler: async ({ text, deadline }) => {
          const vector = await answerQuery(embedder, { text, deadline: deadline + CLOCK_SKEW_MS });
          return vector && encodeVector(vector);
        },
      }),
    );
  }
  const link = createQueueLink({ backend, logger, watchMs: WATCH_MS });
  const sweep = startSweep({ passages, link, logger, passagesPerJob });
  return {
    close: async () => {
      // The consumers first, so that they know a refusal as a return; then the passages refuse what waits.
      const abandon = link.state() === 'down';
      const closing = [...consumers.map((consumer) => consumer.close(abandon)), sweep.stop()];
      await withTimeout(passages.close(), CLOSE_MS).catch(() => undefined);
      await Promise.allSettled(closing);
      await link.close();
    },
  };
}
