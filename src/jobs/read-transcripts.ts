import { createHash } from 'node:crypto';
import * as z from 'zod';
import { defineJob } from './define-job.js';

const MINUTE_MS = 60_000;
/** The first look comes this long after the start, in ms: the last server may have ended before it read all. */
const FIRST_LOOK_MS = 5_000;
/** Between two looks at all files while no agent is connected, in ms. */
const IDLE_LOOK_MS = 10 * MINUTE_MS;

/**
 * Reads what clients have written about their usage into the ledger. Only where the user's files are: never in a container. Given
 * at hooks and at the end of a task; a look at all files finds what no hook told.
 */
export const readTranscripts = defineJob({
  name: 'read-transcripts',
  payload: z.object({
    client: z.string().optional().describe('all clients when left out'),
    path: z.string().max(4_096).optional().describe('the transcript that a hook named'),
    isScheduled: z.boolean().optional(),
  }),
  options: { attempts: 3 },
  schedule: { look: { everyMs: MINUTE_MS, payload: { isScheduled: true } } },
  // A path may hold what no key may.
  throttle: {
    key: ({ client = 'all', path = '' }) => `${client}-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`,
    everyMs: 2_000,
  },
  concurrency: { redis: 2, postgres: 2 },
  runsIn: ['local-server'],
  needs: ['pool', 'transcripts'],
  async start({ pool, transcripts, logger }) {
    const [{ createRepeatedReading }, { createAgentRepository }] = await Promise.all([
      import('../accountability/reader/read-again.js'),
      import('../coordination/agents/agent-repository.js'),
    ]);
    const repository = createAgentRepository(pool);
    const stopping = new AbortController();
    const repeated = createRepeatedReading({ transcripts, logger });
    let lookedAt = Number.NEGATIVE_INFINITY;
    let looking: Promise<void> | null = null;

    async function look(): Promise<void> {
      const wasRecent = performance.now() - lookedAt < IDLE_LOOK_MS;
      if (wasRecent && (await repository.listActive()).agents.length === 0) return;
      lookedAt = performance.now();
      await transcripts.readAll({ signal: stopping.signal, isBackground: true });
    }

    /** One at a time: the first may take minutes. */
    async function lookAlone(): Promise<void> {
      if (looking || stopping.signal.aborted) return;
      looking = look().finally(() => {
        looking = null;
      });
      await looking;
    }

    // Not by the queue, whose scheduled job may still be held by a server that was killed.
    const firstLook = setTimeout(() => {
      lookAlone().catch((error: unknown) => logger.warn({ err: error }, 'usage could not be read'));
    }, FIRST_LOOK_MS);

    return {
      handle: ({ isScheduled, ...order }) => (isScheduled ? lookAlone() : repeated.read(order)),
      async close() {
        stopping.abort();
        clearTimeout(firstLook);
        await Promise.allSettled([looking, repeated.close()]);
      },
    };
  },
});
