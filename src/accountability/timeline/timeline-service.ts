import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import type { CostCoverage, CostTotal } from '../costs/cost-types.js';
import type { CostsService } from '../costs/costs-service.js';
import { describeActivity } from './describe-activity.js';
import { type ActivityFilter, type ActivityPage, listActivities } from './list-activities.js';
import { type SessionSummary, summarizeSession } from './summarize-session.js';

export interface TimelinePage extends Omit<ActivityPage, 'activities'> {
  activities: (ActivityPage['activities'][number] & { description: string })[];
}

export type TimelineService = ReturnType<typeof createTimelineService>;

/** What happened in a project. */
export function createTimelineService({ pool, costs }: { pool: Pool; costs: CostsService }) {
  return {
    /** A page of activities, newest first. @throws AppError `invalid_argument` for the filter */
    async list(filter: ActivityFilter): Promise<TimelinePage> {
      const page = await listActivities(pool, filter);
      const activities = page.activities.map((row) => ({ ...row, description: describeActivity(row) }));
      return { ...page, activities };
    },

    /** What happened in a task and what it cost. @throws AppError `not_found` */
    async summarizeSession(
      actor: Actor,
      sessionId?: string,
    ): Promise<SessionSummary & { cost: CostTotal; coverage: CostCoverage }> {
      const summary = await summarizeSession(pool, actor, sessionId);
      return { ...summary, ...(await costs.ofTask(summary.sessionId)) };
    },
  };
}
