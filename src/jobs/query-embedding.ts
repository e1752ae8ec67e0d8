import * as z from 'zod';
import { DIMENSIONS } from '../embedding/embedding-types.js';
import { decodeVector, encodeVector } from '../embedding/vector-codec.js';
import { defineJob } from './define-job.js';

/**
 * The deadline is by the clock of the process that asks, which may differ from the worker's by this, in ms, before a
 * query counts as late.
 */
const CLOCK_SKEW_MS = 2_000;

/**
 * The vector of a query, whose text exists nowhere else. A queue of its own, so that a query never waits behind passages
 * (docs/decisions/query-vectors-have-their-own-queue.md).
 */
export const queryEmbedding = defineJob({
  name: 'query-embedding',
  payload: z.object({ text: z.string(), deadline: z.number().describe('ms since the epoch; the request ends then') }),
  result: z.string().transform((text) => decodeVector(text, DIMENSIONS)),
  // A query and its vector leave the queue at once.
  options: { attempts: 1, removeOnComplete: true, removeOnFail: true },
  concurrency: { redis: 8, postgres: 8 },
  // Beside the passages: the two share one model.
  worker: 'embedding',
  // The local server has the model in its own process and asks it directly.
  runsIn: ['container'],
  needs: ['embedder'],
  async start({ embedder }) {
    const { answerQuery } = await import('../memory/search/query-embedder.js');
    return {
      handle: async ({ text, deadline }) => {
        const vector = await answerQuery(embedder, { text, deadline: deadline + CLOCK_SKEW_MS });
        return vector && encodeVector(vector);
      },
    };
  },
});
