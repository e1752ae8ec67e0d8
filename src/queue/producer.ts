import type { Queue } from 'bullmq';
import { withTimeout } from '../async/with-timeout.js';
import { LIMITS } from '../config.js';
import type { Logger } from '../logger.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';
import type { QueueBackend } from './backend.js';
import { catalog, type Producer } from './catalog.js';
import { mergeNudges, type Nudge, type NudgeName } from './merge-nudges.js';
import { createQueryVectors } from './query-vectors.js';
import { createQueueLink } from './queue-link.js';

/** Most nudges kept while others are under way; the sweep finds the rows of those beyond. */
const MAX_PENDING = 2_000;
/** Jobs for later are for full steps of this, in ms, so that many nudges become one job. */
const DUE_MS = 5_000;
/** A backend that nobody uses is looked at this often, in ms, so that `isUp` is true to life. */
const WATCH_MS = 5_000;

export interface ProducerDeps {
  backend: QueueBackend;
  logger: Logger;
  telemetry: Pick<Telemetry, 'carrier'>;
  /** False where nobody asks for query vectors, so that no connection listens for them. */
  hearsVectors?: boolean;
}

/**
 * Gives nudges to the queue: at once, in one batch for all of a tick, one batch under way at a time. While the
 * backend is away nudges are dropped: the rows they point to are found by the workers' sweep.
 */
export function createProducer({ backend, logger, telemetry, hearsVectors = true }: ProducerDeps): Producer {
  const link = createQueueLink({ backend, logger, watchMs: WATCH_MS });
  const vectors = createQueryVectors({ link, logger });
  let pending: Nudge[] = [];
  /** The last job for later that was given, by queue and project: one for each step of time is enough. */
  const givenFor = new Map<string, number>();
  let flushing: Promise<void> | null = null;
  let dropped = 0;
  let closed = false;
  link.onUp(() => {
    if (dropped > 0) logger.info({ dropped }, 'the queue is back; the sweep finds what was written meanwhile');
    dropped = 0;
    if (hearsVectors) vectors.warm();
  });

  async function flush(): Promise<void> {
    // Everything of this turn of the event loop goes together.
    await new Promise(setImmediate);
    while (pending.length > 0) {
      const nudges = pending;
      pending = [];
      const merged = mergeNudges(nudges);
      for (const name of new Set(merged.map((nudge) => nudge.name))) {
        const jobs = merged.filter((nudge) => nudge.name === name);
        await link
          .use(name, LIMITS.enqueueTimeoutMs, (queue) => add(queue, jobs))
          .catch((error: unknown) => {
            dropped += jobs.length;
            givenFor.clear();
            logger.debug({ err: error, queue: name, jobs: jobs.length }, 'nudges dropped; the sweep finds their rows');
          });
      }
    }
    // In the same step as the look at `pending`: a nudge given now starts the next flush.
    flushing = null;
  }

  return {
    enqueue: (name, payload, delayMs) => {
      const parsed = catalog[name].payload.safeParse(payload);
      if (!parsed.success) {
        logger.error({ queue: name, issues: parsed.error.issues }, 'a nudge of the wrong shape was not given');
        return;
      }
      if (closed || link.state() === 'down' || pending.length >= MAX_PENDING) {
        dropped++;
        return;
      }
      const dueAt = delayMs === undefined ? undefined : Math.ceil((Date.now() + delayMs) / DUE_MS) * DUE_MS;
      if (dueAt && 'projectId' in parsed.data) {
        const place = `${name} ${parsed.data.projectId}`;
        if (givenFor.get(place) === dueAt) return;
        givenFor.set(place, dueAt);
      }
      pending.push({ name, payload: parsed.data, carrier: telemetry.carrier(), ...(dueAt && { dueAt }) } as Nudge);
      flushing ??= flush();
    },
    requestQueryVector: (text, waitMs) => vectors.request(text, waitMs, telemetry.carrier()),
    isUp: () => link.state() !== 'down',
    warm: link.start,
    close: async () => {
      closed = true;
      await withTimeout(flushing ?? Promise.resolve(), LIMITS.enqueueTimeoutMs).catch(() => undefined);
      await withTimeout(vectors.close(), LIMITS.enqueueTimeoutMs).catch(() => undefined);
      await link.close();
    },
  };
}

async function add(queue: Queue, nudges: Nudge[]): Promise<void> {
  const jobs = nudges.map(({ name, payload, carrier, dueAt }) => ({
    name: name satisfies NudgeName,
    data: payload,
    opts: {
      // The form bullmq-otel gives it, so that any consumer can go on with the trace.
      ...(Object.keys(carrier).length > 0 && { telemetry: { metadata: JSON.stringify(carrier) } }),
      ...(dueAt !== undefined && {
        delay: Math.max(dueAt - Date.now(), 0),
        // One job for a project and a time, whoever gives it.
        ...('projectId' in payload && { jobId: `${payload.projectId}-${dueAt}` }),
      }),
    },
  }));
  const [first, ...others] = jobs;
  if (first && others.length === 0) await queue.add(first.name, first.data, first.opts);
  else await queue.addBulk(jobs);
}
