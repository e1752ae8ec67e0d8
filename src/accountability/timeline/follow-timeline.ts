import type { Pool } from 'pg';
import { listTimelineAfter } from './list-timeline.js';
import type { TimelineEntry, TimelineFilter } from './timeline-types.js';

/** No transaction that writes activities lasts longer: after that no lower id can appear, in ms. */
const SETTLED_MS = 30_000;
const MAX_ENTRIES = 500;

export interface TimelineFollower {
  /** What has appeared since the last call, each entry once, oldest first; at most 500. @throws the database's error */
  next(): Promise<TimelineEntry[]>;
}

/**
 * Follows the timeline of a project. Entries may become visible in another order than that of their ids, so the follower
 * looks again at the latest ones and remembers which it has shown.
 * @param after the id of the last entry that is known already
 */
export function createTimelineFollower(
  pool: Pool,
  filter: Omit<TimelineFilter, 'since'>,
  after: string,
): TimelineFollower {
  let settled = after;
  const shown = new Set<string>();
  return {
    async next() {
      const entries = await listTimelineAfter(pool, filter, { after: settled, limit: MAX_ENTRIES + shown.size });
      const fresh = entries.filter(({ id }) => !shown.has(id)).slice(0, MAX_ENTRIES);
      for (const { id } of fresh) shown.add(id);
      const newest = entries.at(-1)?.at.getTime() ?? 0;
      for (const { id, at } of entries) {
        if (!shown.has(id) || at.getTime() > newest - SETTLED_MS) break;
        settled = id;
        shown.delete(id);
      }
      return fresh;
    },
  };
}
