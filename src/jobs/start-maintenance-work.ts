import type { Pool } from 'pg';
import type { Logger } from '../logger.js';
import { createMaintenanceService, type MaintenanceTask } from '../memory/retention/maintenance-service.js';
import { refreshLexemeStats } from '../memory/search/refresh-lexeme-stats.js';
import type { QueueBackend } from '../queue/backend.js';
import { startConsumer } from '../queue/consumer.js';
import { createQueueLink, type QueueLink } from '../queue/queue-link.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';
import type { Work } from './start-embedding-work.js';

const MINUTE = 60_000;

/** How often each task is due, in ms. */
const SCHEDULE: Record<MaintenanceTask, number> = {
  'expire-stashes': MINUTE,
  'refresh-statistics': 5 * MINUTE,
  'purge-forgotten': 24 * 60 * MINUTE,
};
/** A task that the queue has not brought this much later than due is done without it. */
const GRACE = 1.5;
/** How often lost schedules are put back and late tasks looked for, in ms. */
const CHECK_MS = 30_000;
const UPSERT_TIMEOUT_MS = 2_000;

export interface MaintenanceWorkDeps {
  /** Its statements may take longer than a tool's. */
  pool: Pool;
  backend: QueueBackend;
  logger: Logger;
  telemetry: Telemetry;
}

/**
 * Does what the queue's schedules bring. The schedules live in the queue, where one of many workers takes each turn; a
 * queue that was emptied gets them back, and while it is away this process's own clock serves.
 */
export function startMaintenanceWork({ pool, backend, logger, telemetry }: MaintenanceWorkDeps): Work {
  const service = createMaintenanceService({ pool, logger, telemetry, refreshStatistics: refreshLexemeStats });
  const link = createQueueLink({ backend, logger, watchMs: CHECK_MS });
  const tasks = Object.keys(SCHEDULE) as MaintenanceTask[];
  const lastRun = new Map<MaintenanceTask, number>(tasks.map((task) => [task, Date.now()]));
  const running = new Set<Promise<void>>();
  let stopped = false;

  async function run(task: MaintenanceTask): Promise<void> {
    lastRun.set(task, Date.now());
    await service.run(task);
  }

  async function check(): Promise<void> {
    await upsertSchedules(link, tasks).catch((error: unknown) => logger.debug({ err: error }, 'schedules not put'));
    for (const task of tasks) {
      if (stopped || Date.now() - (lastRun.get(task) ?? 0) < SCHEDULE[task] * GRACE) continue;
      // With other workers about, the queue may bring a task's every turn to them: once more does no harm.
      await run(task).catch((error: unknown) => logger.warn({ err: error, task }, 'a late task failed'));
    }
  }

  const consumer = startConsumer({
    name: 'maintenance',
    backend,
    concurrency: 1,
    handler: ({ task }) => run(task),
    logger,
    telemetry,
  });
  const start = () => {
    const checking = check().finally(() => running.delete(checking));
    running.add(checking);
  };
  link.onUp(start);
  link.start();
  const timer = setInterval(start, CHECK_MS);
  return {
    close: async () => {
      stopped = true;
      clearInterval(timer);
      await Promise.allSettled([consumer.close(link.state() === 'down'), ...running]);
      await link.close();
    },
  };
}

/** Puts back only what is missing or has another pace: to upsert a schedule again would move its next turn. */
async function upsertSchedules(link: QueueLink, tasks: readonly MaintenanceTask[]): Promise<void> {
  await link.use('maintenance', UPSERT_TIMEOUT_MS, async (queue) => {
    for (const task of tasks) {
      const known = await queue.getJobScheduler(task);
      if (known?.every === SCHEDULE[task]) continue;
      await queue.upsertJobScheduler(task, { every: SCHEDULE[task] }, { name: 'maintenance', data: { task } });
    }
  });
}
