import * as z from 'zod';
import { defineJob } from './define-job.js';

/** Passages of one job that several writes share: few, so that many workers share a burst. */
export const MAX_MERGED_PASSAGES = 8;
/** Passages of one job that the sweep gives: more on PostgreSQL, where a job costs milliseconds. */
const SWEPT_PASSAGES = { redis: MAX_MERGED_PASSAGES, postgres: 32 } as const;

/** Gives passages that may lack a vector their vector. */
export const embedding = defineJob({
  name: 'embedding',
  payload: z.object({ passageIds: z.array(z.string().regex(/^\d+$/)).min(1).max(1000) }),
  options: { attempts: 5 },
  // Many at once: concurrent jobs share the model's batches.
  concurrency: { redis: 48, postgres: 8 },
  merge: (waiting, next) =>
    waiting.passageIds.length + next.passageIds.length > MAX_MERGED_PASSAGES
      ? null
      : { passageIds: [...waiting.passageIds, ...next.passageIds] },
  runsIn: ['container', 'local-server'],
  database: { connections: 6, statementTimeoutMs: 10_000 },
  needs: ['pool', 'embedder'],
  async start({ pool, embedder, queue, logger, telemetry }) {
    const [{ createPassageEmbedder }, { startSweep }] = await Promise.all([
      import('../memory/passages/embed-passages.js'),
      import('../memory/passages/sweep-passages.js'),
    ]);
    const passages = createPassageEmbedder({ pool, embedder, logger, telemetry });
    const sweep = startSweep({ passages, queue, logger, passagesPerJob: SWEPT_PASSAGES[queue.backend] });
    return {
      handle: ({ passageIds }) => passages.embed(passageIds),
      close: async () => void (await Promise.all([sweep.stop(), passages.close()])),
    };
  },
});
