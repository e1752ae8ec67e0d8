import type { Queue } from 'bullmq';

/** Who takes the jobs of a queue. */
export interface WorkersState {
  /** Processes that are connected for it. */
  workers: number;
  /** Those of them that work, or have asked for a job lately. PostgreSQL does not tell the latter: there all of them. */
  live: number;
  /** Age of the oldest job that waits, in ms. */
  waitedMs: number;
}

/** @param maxIdleS a worker without work that has asked for none for longer is not live */
export async function readWorkers(queue: Queue, maxIdleS: number): Promise<WorkersState> {
  const [workers, active, [oldest]] = await Promise.all([
    queue.getWorkers(),
    queue.getActiveCount(),
    queue.getJobs(['waiting'], 0, 0, true),
  ]);
  // While a worker works it asks for nothing.
  const isLive = ({ idle }: Record<string, string>) => active > 0 || idle === undefined || Number(idle) <= maxIdleS;
  return {
    workers: workers.length,
    live: workers.filter(isLive).length,
    waitedMs: oldest ? Date.now() - oldest.timestamp : 0,
  };
}
