import type { JobDefinition } from './define-job.js';

/** A job to be given, with the trace it belongs to (W3C headers; empty without tracing). */
export interface PendingJob {
  job: JobDefinition;
  payload: unknown;
  carrier: Record<string, string>;
  /** ms since the epoch; as soon as possible when left out. */
  dueAt?: number;
}

/** Puts together what a definition lets merge (within one trace), and drops what it throttles and is there already. */
export function mergeJobs(pending: readonly PendingJob[]): PendingJob[] {
  const merged: PendingJob[] = [];
  const open = new Map<string, PendingJob>();
  const throttled = new Set<string>();
  for (const next of pending) {
    const { job, payload, carrier, dueAt } = next;
    if (job.throttle) {
      const key = `${job.name} ${dueAt} ${job.throttle.key(payload)}`;
      if (throttled.has(key)) continue;
      throttled.add(key);
    }
    const trace = `${job.name} ${dueAt} ${JSON.stringify(carrier)}`;
    const last = job.merge && open.get(trace);
    const together = last ? job.merge?.(last.payload, payload) : null;
    if (last && together) {
      last.payload = together;
      continue;
    }
    const copy = { ...next };
    open.set(trace, copy);
    merged.push(copy);
  }
  return merged;
}
