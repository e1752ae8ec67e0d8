import type { ClientBase, Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import { inTransaction } from '../../db/in-transaction.js';
import type { CostCoverage, CostFilter, CostKey, CostReport, CostTotal } from './cost-types.js';
import { foldSums } from './fold-sums.js';
import { type KeyLabels, labelKeys } from './label-keys.js';
import { firstInstant } from './local-time-sql.js';
import { resolveTime } from './resolve-time.js';
import { isNamedKey, sumByKey } from './sum-by-key.js';
import { sumByTime } from './sum-by-time.js';
import { sumCoverage } from './sum-coverage.js';
import { checkTimezone, systemTimezone } from './time-zone.js';

export interface CostRequest extends CostFilter {
  by: CostKey;
  /** An IANA name; the service's own by default. */
  timezone?: string | undefined;
}

/** What report_cost answers with. */
export interface CostSummary {
  /** Of the task; of the agent's connection if there is none. */
  task: CostTotal;
  /** Of the project, all agents, since midnight and since Monday in the service's time zone. */
  today: CostTotal;
  thisWeek: CostTotal;
  /** How much is known of this week's sessions of the project. */
  coverage: CostCoverage;
}

export interface CostsServiceDeps {
  pool: Pool;
  /** POPSTASH_TIMEZONE; the system's by default. */
  timezone?: string | undefined;
}

export type CostsService = ReturnType<typeof createCostsService>;

/** All statements of one answer see one snapshot: its parts always add up. */
const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/** What requests cost, exact at the moment of the question. */
export function createCostsService({ pool, timezone: ownTimezone }: CostsServiceDeps) {
  const zone = checkTimezone(ownTimezone ?? systemTimezone());

  return {
    timezone: zone,

    /**
     * Totals of a window, split by one key, with a grand total and how much is known.
     * @throws AppError `invalid_argument` for a time zone that is none
     */
    async report({ by, timezone, ...filter }: CostRequest): Promise<CostReport> {
      const requestZone = timezone === undefined ? zone : checkTimezone(timezone);
      return await inTransaction(
        pool,
        async (client) => {
          const sums = isNamedKey(by)
            ? await sumByKey(client, by, filter)
            : await sumByTime(client, by, filter, requestZone);
          return { timezone: requestZone, ...foldSums(sums), coverage: await sumCoverage(client, filter) };
        },
        SNAPSHOT,
      );
    },

    /**
     * The instant of a time as people write it, by the database's clock.
     * @param timezone of local times; the service's own by default
     * @throws AppError `invalid_argument` for what is no time, or a time zone that is none
     */
    async resolveTime(text: string, timezone: string = zone): Promise<Date> {
      return await resolveTime(pool, text, checkTimezone(timezone));
    },

    /** What people call the agents, tasks or projects that keys stand for. */
    async labels(by: CostKey, keys: readonly (string | null)[]): Promise<KeyLabels> {
      return await labelKeys(
        pool,
        by,
        keys.filter((key) => key !== null),
      );
    },

    /** The total of a window. */
    async total(filter: CostFilter): Promise<CostTotal> {
      return await inTransaction(pool, (client) => totalOf(client, filter), SNAPSHOT);
    },

    /** What a task has cost so far, and whether anything is known of its sessions. */
    async ofTask(taskId: string): Promise<{ cost: CostTotal; coverage: CostCoverage }> {
      const filter = { projectId: null, taskId };
      const read = async (client: ClientBase) => ({
        cost: await totalOf(client, filter),
        coverage: await sumCoverage(client, filter),
      });
      return await inTransaction(pool, read, SNAPSHOT);
    },

    /** What the actor's task (or connection, outside tasks) has cost so far, and its project today and this week. */
    async summarize({ projectId, agentId, sessionId }: Actor): Promise<CostSummary> {
      return await inTransaction(
        pool,
        async (client) => {
          const { today, monday } = await localStarts(client, zone);
          return {
            task: await totalOf(client, {
              projectId: null,
              ...(sessionId === null ? { agentId } : { taskId: sessionId }),
            }),
            today: await totalOf(client, { projectId, since: today }),
            thisWeek: await totalOf(client, { projectId, since: monday }),
            coverage: await sumCoverage(client, { projectId, since: monday }),
          };
        },
        SNAPSHOT,
      );
    },
  };
}

async function totalOf(client: ClientBase, filter: CostFilter): Promise<CostTotal> {
  return foldSums(await sumByKey(client, 'project', filter)).total;
}

/** When the day and the week (from Monday) began. */
async function localStarts(client: ClientBase, timezone: string): Promise<{ today: Date; monday: Date }> {
  const start = (unit: string) => firstInstant(`date_trunc('${unit}', now() AT TIME ZONE $1)`, '$1');
  const { rows } = await client.query<{ today: Date; monday: Date }>(
    `SELECT ${start('day')} AS today, ${start('week')} AS monday`,
    [timezone],
  );
  const [starts] = rows;
  if (!starts) throw new Error('the database did not tell the time');
  return starts;
}
