import type { Logger } from '../logger.js';
import type { JobDefinition } from './define-job.js';
import type { QueueLink } from './queue-link.js';

/** A scheduled job that the queue gives this many periods late is run without it. */
const LATE_PERIODS = 1.5;
/** How often lost schedules are put back and late jobs looked for, in ms. */
const CHECK_MS = 30_000;
const UPSERT_TIMEOUT_MS = 2_000;

export interface ScheduleDeps<Payload> {
  job: JobDefinition<string, Payload>;
  link: QueueLink;
  handle: (payload: Payload) => Promise<unknown>;
  logger: Logger;
}

export interface KeptSchedules<Payload> {
  /** Call it for each job that the queue gave. */
  ran(payload: Payload): void;
  /** Resolves when what is under way has ended. */
  close(): Promise<void>;
}

/**
 * Keeps a job's schedules in the queue, where one of many workers takes each job of them. A queue that was emptied gets
 * them back; while it is away, this process's own clock serves.
 */
export function keepSchedules<Payload>({ job, link, handle, logger }: ScheduleDeps<Payload>): KeptSchedules<Payload> {
  const schedule = Object.entries(job.schedule ?? {});
  const lastRun = new Map(schedule.map(([, { payload }]) => [keyOf(payload), Date.now()]));
  const checks = new Set<Promise<void>>();
  let stopped = false;

  /** Parsed, so that the order of a literal's properties does not count. */
  function keyOf(payload: Payload): string {
    return JSON.stringify(job.payload.parse(payload));
  }

  function ran(payload: Payload): void {
    const key = keyOf(payload);
    if (lastRun.has(key)) lastRun.set(key, Date.now());
  }

  async function check(): Promise<void> {
    await upsertSchedules(link, job).catch((error: unknown) =>
      logger.debug({ err: error, queue: job.name }, 'schedules could not be put back'),
    );
    for (const [name, { everyMs, payload }] of schedule) {
      const since = Date.now() - (lastRun.get(keyOf(payload)) ?? 0);
      if (stopped || since < everyMs * LATE_PERIODS) continue;
      ran(payload);
      // Perhaps another worker took every job of this schedule: to run one more does no harm.
      await handle(payload).catch((error: unknown) =>
        logger.warn({ err: error, queue: job.name, schedule: name }, 'a late job failed'),
      );
    }
  }

  function start(): void {
    const checking = check().finally(() => checks.delete(checking));
    checks.add(checking);
  }

  link.onUp(start);
  link.start();
  const timer = setInterval(start, CHECK_MS);
  return {
    ran,
    close: async () => {
      stopped = true;
      clearInterval(timer);
      await Promise.allSettled(checks);
    },
  };
}

/** Puts back only what is missing or has another period: to upsert a schedule again would move its next job. */
async function upsertSchedules<Payload>(link: QueueLink, job: JobDefinition<string, Payload>): Promise<void> {
  await link.use(job, UPSERT_TIMEOUT_MS, async (queue) => {
    for (const [name, { everyMs, payload }] of Object.entries(job.schedule ?? {})) {
      const known = await queue.getJobScheduler(name);
      if (known?.every === everyMs) continue;
      // Without a context: each job of a schedule begins a trace, instead of all of them one that never ends.
      const opts = { telemetry: { omitContext: true } };
      await queue.upsertJobScheduler(name, { every: everyMs }, { name: job.name, data: payload, opts });
    }
  });
}
