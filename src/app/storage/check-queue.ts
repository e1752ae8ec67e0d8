import { AppError } from '../../errors.js';
import type { Finding } from '../../hooks/doctor/run-check.js';
import { workerOf } from '../../queue/define-job.js';
import type { QueuedJob, QueueLink } from '../../queue/queue-link.js';
import { readRedisState } from '../../queue/read-redis-state.js';
import { readWorkers } from '../../queue/read-workers.js';
import { wordError } from '../../word-error.js';

/** A queue whose oldest job waits longer than this is not worked on, in ms. */
const MAX_WAIT_MS = 60_000;
/** A worker without work asks for jobs each two seconds (PACE in queue/consumer.ts); after this long it has stopped. In s. */
const MAX_IDLE_S = 20;
/** Share of its memory from which Redis is said to be nearly full. */
const NEARLY_FULL = 0.9;

/** BullMQ needs a Redis that never drops keys to make room: https://docs.bullmq.io/guide/going-to-production#max-memory-policy */
export async function checkRedis(url: string, timeoutMs: number): Promise<Finding> {
  const found = await readRedisState(url, timeoutMs).catch((error: unknown) => {
    throw new AppError({
      code: 'database_unavailable',
      message: `does not answer: ${wordError(error)}`,
      fix: 'Nothing is lost meanwhile: jobs wait in the database. Look at REDIS_URL and whether Redis runs there.',
    });
  });
  const { policy, usedBytes, maxBytes, writeError } = found;
  if (found.isCluster) {
    const fix = 'Point REDIS_URL to one Redis, or to Sentinels.';
    return { state: 'broken', detail: 'it is a node of a Redis Cluster, which is not supported', fix };
  }
  if (writeError !== undefined) {
    const isFull = writeError.startsWith('OOM');
    const fix = isFull
      ? 'Give Redis more memory (maxmemory).'
      : 'Point REDIS_URL to a Redis that this user may write to.';
    return { state: 'broken', detail: `it takes no writes: ${writeError}`, fix };
  }
  if (policy !== 'noeviction') {
    const detail = `its maxmemory-policy is ${policy}: it may drop jobs`;
    return { state: 'broken', detail, fix: 'Set maxmemory-policy noeviction.' };
  }
  if (maxBytes > 0 && usedBytes > maxBytes * NEARLY_FULL) {
    const percent = Math.round((usedBytes / maxBytes) * 100);
    return { state: 'warning', detail: `${percent} % of its memory is used`, fix: 'Give Redis more memory.' };
  }
  return { detail: `answers; ${Math.round(usedBytes / 1e6)} MB used, policy ${policy}` };
}

type ServerJob = QueuedJob & Parameters<typeof workerOf>[0];

/** Whether a live process takes each job of a worker, and how long jobs wait. */
export async function checkWorker(link: QueueLink, jobs: readonly ServerJob[], timeoutMs: number): Promise<Finding> {
  const states = await Promise.all(
    jobs.map((job) =>
      link.use(job, timeoutMs, async (queue) => ({ name: job.name, ...(await readWorkers(queue, MAX_IDLE_S)) })),
    ),
  );
  const names = (of: typeof states) => of.map(({ name }) => name).join(', ');
  const missing = states.filter(({ workers }) => workers === 0);
  const stopped = states.filter(({ workers, live }) => workers > 0 && live === 0);
  const fix = `popstash worker ${jobs[0] ? workerOf(jobs[0]) : 'NAME'}`;
  if (missing.length > 0) return { state: 'broken', detail: `no process takes the jobs ${names(missing)}`, fix };
  if (stopped.length > 0) {
    const detail = `the processes for ${names(stopped)} are connected, but have asked for no job for ${MAX_IDLE_S} s`;
    return { state: 'broken', detail, fix: `Restart them: ${fix}` };
  }
  const late = states.filter(({ waitedMs }) => waitedMs > MAX_WAIT_MS);
  if (late.length === 0) return { detail: `takes ${names(states)}` };
  const waits = late.map(({ name, waitedMs }) => `${name}: ${Math.round(waitedMs / 1_000)} s`).join(', ');
  return {
    state: 'warning',
    detail: `jobs have waited for long (${waits})`,
    fix: 'Start more workers of this name.',
  };
}
