import { withTimeout } from '../async/with-timeout.js';
import { LIMITS } from '../config.js';
import type { Logger } from '../logger.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';
import { createBatches } from './add-in-batches.js';
import { createResults } from './await-results.js';
import type { QueueBackend } from './backend.js';
import type { JobDefinition, JobList } from './define-job.js';
import type { PayloadOf, Producer, RequestName, ResultOf } from './producer-types.js';
import { createQueueLink } from './queue-link.js';
import { createThrottle } from './throttle-jobs.js';

/** An unused backend is probed this often, in ms, so that `isUp` is right. */
const WATCH_MS = 5_000;

export interface ProducerDeps<Jobs extends JobList> {
  jobs: Jobs;
  backend: QueueBackend;
  logger: Logger;
  telemetry: Pick<Telemetry, 'carrier' | 'openSpan' | 'withCarrier' | 'jobTracing'>;
  /** Jobs whose results this process asks for: it listens for them from the start. */
  requests?: readonly RequestName<Jobs>[];
}

/**
 * Gives jobs to their queues. While the backend is away jobs are dropped: the rows that they name are found by sweeps.
 */
export function createProducer<const Jobs extends JobList>(deps: ProducerDeps<Jobs>): Producer<Jobs> {
  const { backend, logger, telemetry } = deps;
  const jobs = new Map<string, JobDefinition>(deps.jobs.map((job) => [job.name, job]));
  const link = createQueueLink({ backend, logger, watchMs: WATCH_MS, telemetry });
  const results = createResults({ link, logger });
  const throttle = createThrottle();
  const batches = createBatches({ link, logger, telemetry, onDropped: throttle.reset });
  link.onUp(() => {
    for (const name of deps.requests ?? []) results.warm(find(name));
  });

  function find(name: string): JobDefinition {
    const job = jobs.get(name);
    if (!job) throw new TypeError(`there is no job ${name}`);
    return job;
  }

  return {
    enqueue: (name, payload, delayMs) => {
      const job = find(name);
      const parsed = job.payload.safeParse(payload);
      if (!parsed.success) {
        logger.error({ queue: name, issues: parsed.error.issues }, 'a job of the wrong shape was not given');
        return;
      }
      if (!batches.hasRoom()) return;
      const due = throttle.admit(job, parsed.data, delayMs);
      if (due) batches.add({ job, payload: parsed.data, carrier: telemetry.carrier(), ...due });
    },
    request: async <Name extends RequestName<Jobs>>(
      name: Name,
      payload: PayloadOf<Jobs, Name>,
      waitMs: number,
    ): Promise<ResultOf<Jobs, Name> | null> => {
      const result = await results.request({ job: find(name), payload, waitMs, carrier: telemetry.carrier() });
      // It was parsed by the job's own schema, which is where this type comes from.
      return result as ResultOf<Jobs, Name> | null;
    },
    isUp: () => link.state() !== 'down',
    warm: link.start,
    close: async () => {
      await withTimeout(batches.close(), LIMITS.enqueueTimeoutMs).catch(() => undefined);
      await withTimeout(results.close(), LIMITS.enqueueTimeoutMs).catch(() => undefined);
      await link.close();
    },
  };
}
