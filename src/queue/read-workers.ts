import type { Queue } from 'bullmq';

export interface WorkersState {
  /** Connected processes, and those of them that work or have asked for jobs lately. */
  workers: number;
  live: number;
  /** Age of the oldest waiting job; 0 without one. */
  waitedMs: number;
}

/** Who takes a queue's jobs, and how long they wait. @param maxIdleS a worker that asked for nothing longer than this has stopped */
export async function readWorkersState(queue: Queue, maxIdleS: number): Promise<WorkersState> {
  const [workers, active, [oldest]] = await Promise.all([
    queue.getWorkers(),
    queue.getActiveCount(),
    queue.getJobs(['waiting'], 0, 0, true),
  ]);
  // While a worker works it asks for nothing. PostgreSQL tells no idle time of a worker.
  const isLive = ({ idle }: Record<string, string>) => active > 0 || idle === undefined || Number(idle) <= maxIdleS;
  return {
    workers: workers.length,
    live: workers.filter(isLive).length,
    waitedMs: oldest ? Date.now() - oldest.timestamp : 0,
  };
}
