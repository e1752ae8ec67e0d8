import type { QueueState } from '../telemetry/metric-types.js';
import type { QueuedJob, QueueLink } from './queue-link.js';

/** Metrics wait this long for a queue, in ms. */
const READ_TIMEOUT_MS = 500;

/** Depth by state, and the age of the oldest waiting job. @throws when the queue is away */
export function readQueueState(link: QueueLink, job: QueuedJob): Promise<QueueState> {
  return link.use(job, READ_TIMEOUT_MS, async (queue) => {
    const [counts, [oldest]] = await Promise.all([
      queue.getJobCounts('waiting', 'active', 'delayed', 'failed'),
      queue.getJobs(['waiting'], 0, 0, true),
    ]);
    const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts;
    const oldestMs = oldest ? Math.max(Date.now() - oldest.timestamp, 0) : 0;
    return { depth: { waiting, active, delayed, failed }, oldestMs };
  });
}
