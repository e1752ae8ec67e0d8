import { setTimeout as sleep } from 'node:timers/promises';
import { followActivities, MAX_FOLLOWED } from '../../accountability/timeline/follow-activities.js';
import { AppError } from '../../errors.js';
import type { Activity } from '../output/show-timeline.js';
import type { Ledger } from './open-ledger.js';

export interface TimelineFilter {
  agentId?: string | undefined;
  type?: string | undefined;
  since?: string | undefined;
  timezone: string;
  /** Of all parts together. */
  limit: number;
}

type Write = (activities: readonly Activity[]) => void;

/** Between two looks at what has happened, in ms. */
const FOLLOW_MS = 1_000;
/** Failures after which the same question may succeed later. */
const RETRYABLE = ['database_unavailable', 'not_ready', 'timeout'];

/** Writes activities part by part, newest first. @returns how many */
export async function listTimeline(ledger: Ledger, filter: TimelineFilter, write: Write): Promise<number> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const limit = Math.min(filter.limit - count, MAX_FOLLOWED);
    const page = await ledger.ask('timeline', { ...filter, limit, cursor });
    write(page.activities);
    count += page.activities.length;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && count < filter.limit);
  return count;
}

/** Writes the latest activities, oldest first, and then what happens, until SIGINT or SIGTERM. */
export async function followTimeline(ledger: Ledger, filter: TimelineFilter, write: Write): Promise<void> {
  const abort = new AbortController();
  const stop = () => abort.abort();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop);
  const { signal } = abort;
  try {
    const latest: Activity[] = [];
    await listTimeline(ledger, filter, (activities) => latest.push(...activities));
    write(latest.toReversed());
    const { agentId, type } = filter;
    const last = latest[0]?.id ?? (await findNewest(ledger, filter));
    const listAfter = async (afterId: string, limit: number) =>
      (await ledger.ask('timelineAfter', { agentId, type, afterId, limit }, { signal })).activities;
    const follower = followActivities(listAfter, last);
    while (!signal.aborted) {
      const fresh = await follower.next().catch(waitForLater);
      write(fresh);
      if (fresh.length < MAX_FOLLOWED) await sleep(FOLLOW_MS, undefined, { signal });
    }
  } catch (error) {
    // A question that is given up fails in some way of its own.
    if (!signal.aborted) throw error;
  }
}

/** Nothing that is asked for has happened: whatever comes is new. */
async function findNewest(ledger: Ledger, { timezone }: TimelineFilter): Promise<string> {
  const { activities } = await ledger.ask('timeline', { timezone, limit: 1 });
  return activities[0]?.id ?? '0';
}

function waitForLater(error: unknown): Activity[] {
  if (error instanceof AppError && RETRYABLE.includes(error.code)) return [];
  throw error;
}
