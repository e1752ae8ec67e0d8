import type { ActivityRow } from './list-activities.js';

/** No transaction that writes activities lasts longer: after that no lower id can appear, in ms. */
const SETTLED_MS = 30_000;
/** Activities of one part. */
export const MAX_FOLLOWED = 500;

type FollowedActivity = Pick<ActivityRow, 'id' | 'at'>;

export interface ActivityFollower<Row extends FollowedActivity> {
  /** What has appeared since the last call, each activity once, oldest first; at most 500. @throws what `listAfter` throws */
  next(): Promise<Row[]>;
}

/**
 * Follows a project's activities. They may become visible in another order than that of their ids, so the follower looks
 * again at the latest ones and remembers which it has shown.
 * @param listAfter the first activities after an id, oldest first
 * @param afterId the last activity that is known already
 */
export function followActivities<Row extends FollowedActivity>(
  listAfter: (afterId: string, limit: number) => Promise<Row[]>,
  afterId: string,
): ActivityFollower<Row> {
  let completeTo = afterId;
  const shown = new Set<string>();
  return {
    async next() {
      const rows = await listAfter(completeTo, MAX_FOLLOWED + shown.size);
      const fresh = rows.filter(({ id }) => !shown.has(id)).slice(0, MAX_FOLLOWED);
      for (const { id } of fresh) shown.add(id);
      const newest = rows.at(-1)?.at.getTime() ?? 0;
      for (const { id, at } of rows) {
        if (!shown.has(id) || at.getTime() > newest - SETTLED_MS) break;
        completeTo = id;
        shown.delete(id);
      }
      return fresh;
    },
  };
}
