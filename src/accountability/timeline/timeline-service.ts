import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import type { CostCoverage, CostTotal } from '../costs/cost-types.js';
import type { CostsService } from '../costs/costs-service.js';
import { describeActivity } from './describe-activity.js';
import {
  type ActivityFilter,
  type ActivityPage,
  type ActivityRow,
  listActivities,
  listActivitiesAfter,
} from './list-activities.js';
import { type SessionSummary, summarizeSession } from './summarize-session.js';

export interface TimelineRequest extends Omit<ActivityFilter, 'since'> {
  /** As people write it (`parseMoment`). Inclusive. */
  since?: string | undefined;
  /** Of a local time; the service's own by default. */
  timezone?: string | undefined;
}

export type DescribedActivity = ActivityRow & { description: string };

export interface TimelinePage extends Omit<ActivityPage, 'activities'> {
  activities: DescribedActivity[];
}

export type TimelineService = ReturnType<typeof createTimelineService>;

/** What happened in a project. */
export function createTimelineService({ pool, costs }: { pool: Pool; costs: CostsService }) {
  return {
    /** A page of activities, newest first. @throws AppError `invalid_argument` for the filter */
    async list({ since, timezone, ...filter }: TimelineRequest): Promise<TimelinePage> {
      const from = since === undefined ? undefined : await costs.resolveTime(since, timezone);
      const page = await listActivities(pool, { ...filter, since: from });
      return { ...page, activities: page.activities.map(describe) };
    },

    /** What happened after an activity, oldest first; see `followActivities` for what may still appear. */
    async listAfter(
      filter: Pick<ActivityFilter, 'projectId' | 'agentId' | 'type' | 'limit'>,
      afterId: string,
    ): Promise<DescribedActivity[]> {
      return (await listActivitiesAfter(pool, filter, afterId)).map(describe);
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

function describe(row: ActivityRow): DescribedActivity {
  return { ...row, description: describeActivity(row) };
}
