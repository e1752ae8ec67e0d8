import type { Pool } from 'pg';
import { type ActivityFilter, type ActivityRow, listActivitiesAfter } from './list-activities.js';

/** No transaction that writes activities lasts longer: after that no lower id can appear, in ms. */
const SETTLED_MS = 30_000;
const MAX_ACTIVITIES = 500;

export interface ActivityFollower {
  /** What has appeared since the last call, each activity once, oldest first; at most 500. @throws the database's error */
  next(): Promise<ActivityRow[]>;
}

/**
 * Follows a project's activities. They may become visible in another order than that of their ids, so the follower looks
 * again at the latest ones and remembers which it has shown.
 * @param afterId the last activity that is known already
 */
export function followActivities(
  pool: Pool,
  filter: Pick<ActivityFilter, 'projectId' | 'agentId' | 'type'>,
  afterId: string,
): ActivityFollower {
  let settled = afterId;
  const shown = new Set<string>();
  return {
    async next() {
      const rows = await listActivitiesAfter(pool, { ...filter, limit: MAX_ACTIVITIES + shown.size }, settled);
      const fresh = rows.filter(({ id }) => !shown.has(id)).slice(0, MAX_ACTIVITIES);
      for (const { id } of fresh) shown.add(id);
      const newest = rows.at(-1)?.at.getTime() ?? 0;
      for (const { id, at } of rows) {
        if (!shown.has(id) || at.getTime() > newest - SETTLED_MS) break;
        settled = id;
        shown.delete(id);
      }
      return fresh;
    },
  };
}
