import type { JobName, JobPayload } from './catalog.js';

export type NudgeName = Exclude<JobName, 'query-embedding'>;

/** A job to be given, with the trace it belongs to (W3C headers; empty without tracing). */
export type Nudge = {
  [K in NudgeName]: { name: K; payload: JobPayload<K>; carrier: Record<string, string>; dueAt?: number };
}[NudgeName];

/** Most passages of one merged job: small, so that many workers share a burst. */
export const MERGED_PASSAGES = 8;

/**
 * Puts the passages of nudges of one trace together and drops a maintenance task, or a project's look for expired locks,
 * that is there already.
 */
export function mergeNudges(nudges: readonly Nudge[]): Nudge[] {
  const merged: Nudge[] = [];
  const open = new Map<string, Extract<Nudge, { name: 'embedding' }>>();
  const tasks = new Set<string>();
  for (const nudge of nudges) {
    if (nudge.name !== 'embedding') {
      const task = nudge.name === 'maintenance' ? nudge.payload.task : `${nudge.payload.projectId} ${nudge.dueAt}`;
      if (!tasks.has(task)) merged.push(nudge);
      tasks.add(task);
      continue;
    }
    const trace = JSON.stringify(nudge.carrier);
    const last = open.get(trace);
    if (last && last.payload.passageIds.length + nudge.payload.passageIds.length <= MERGED_PASSAGES) {
      last.payload.passageIds.push(...nudge.payload.passageIds);
    } else {
      const copy = { ...nudge, payload: { passageIds: [...nudge.payload.passageIds] } };
      open.set(trace, copy);
      merged.push(copy);
    }
  }
  return merged;
}
