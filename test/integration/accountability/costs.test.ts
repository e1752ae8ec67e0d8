import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { reportJson } from '../../../src/accountability/costs/cost-json.js';
import { COST_KEYS } from '../../../src/accountability/costs/cost-types.js';
import { createCostsService } from '../../../src/accountability/costs/costs-service.js';
import { rebuildRollups } from '../../../src/accountability/ledger/rebuild-rollups.js';
import { rollUpChanges } from '../../../src/accountability/ledger/roll-up-changes.js';
import { formatDollars } from '../../../src/accountability/money.js';
import { findDrift } from '../../support/ledger/ledger-sums.js';
import { DAYS, insertFacts, makeFacts, naiveRows, plainRows, START } from '../../support/ledger/naive-costs.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';
import { trialCount } from '../../support/setup/trial.js';

const databases = await openBothDatabases();

/** Offsets with quarters and halves of hours, clocks that change at midnight, and none. */
const ZONES = [
  'UTC',
  'Pacific/Chatham',
  'Asia/Kathmandu',
  'America/New_York',
  'America/Havana',
  'Atlantic/Azores',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
];

const HOURS_OF = [new Date('2026-10-20T05:07:00Z'), new Date('2026-11-08T11:00:00Z')] as const;

describe.each(DATABASE_MODES)('costs, %s', (mode) => {
  const pool = databases[mode];
  const facts = makeFacts(7, 3_000);
  const costs = createCostsService({ pool, timezone: 'UTC' });

  beforeAll(async () => {
    await insertFacts(pool, facts);
    // Some in the roll-ups, some still in the tail.
    const { rows } = await pool.query<{ n: number }>('SELECT count(*)::integer AS n FROM usage_changes');
    const half = Math.floor((rows[0]?.n ?? 0) * 0.7);
    const moved = new AbortController();
    const rolled = rollUpChanges(pool, { limit: half, signal: moved.signal });
    moved.abort();
    await rolled;
  });

  test('the tail and the roll-ups both take part', async () => {
    const { rows } = await pool.query(
      `SELECT (SELECT count(*) FROM usage_changes) > 100 AS tail, (SELECT count(*) FROM usage_rollups) > 100 AS rolled`,
    );
    expect(rows).toEqual([{ tail: true, rolled: true }]);
    expect(await findDrift(pool)).toEqual([]);
  });

  test.each(ZONES)('days, weeks, months and hours of %s', async (zone) => {
    for (const by of ['hour', 'day', 'week', 'month'] as const) {
      for (const projectId of [null, 'proj_a']) {
        // Hours of some weeks: of a year they would be thousands.
        const [since, until] = by === 'hour' ? HOURS_OF : [undefined, undefined];
        const { rows, total, timezone } = await costs.report({ by, projectId, timezone: zone, since, until });
        const wanted = facts.filter(
          ({ at, project }) =>
            (projectId === null || project === projectId) &&
            (!since || !until || (at >= since.getTime() && at < until.getTime())),
        );
        expect(plainRows(rows)).toEqual(naiveRows(wanted, by, zone));
        expect(total.requests).toBe(wanted.length);
        expect(timezone).toBe(new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone);
      }
    }
  });

  test('every key, in any window, of any agent or task, adds up to the same exact total', async () => {
    const instant = fc.integer({ min: START - 86_400_000, max: START + DAYS * 86_400_000 });
    const edge = fc.option(
      fc.oneof(
        instant,
        instant.map((at) => Math.floor(at / 900_000) * 900_000),
        instant.map((at) => Math.floor(at / 86_400_000) * 86_400_000),
        instant.map((at) => Date.parse(`${new Date(at).toISOString().slice(0, 7)}-01T00:00:00Z`)),
      ),
      { nil: undefined },
    );
    await fc.assert(
      fc.asyncProperty(
        edge,
        edge,
        fc.constantFrom(...COST_KEYS.filter((key) => key !== 'hour')),
        fc.constantFrom(null, 'proj_a', 'proj_b'),
        fc.constantFrom(undefined, 'agent_1', 'agent_2'),
        fc.constantFrom(undefined, undefined, 'sess_1'),
        fc.constantFrom(...ZONES),
        async (since, until, by, projectId, agentId, taskId, zone) => {
          const { rows, total } = await costs.report({
            by,
            projectId,
            agentId,
            taskId,
            timezone: zone,
            since: since === undefined ? undefined : new Date(since),
            until: until === undefined ? undefined : new Date(until),
          });
          const wanted = facts.filter(
            (fact) =>
              (projectId === null || fact.project === projectId) &&
              (agentId === undefined || fact.agent === agentId) &&
              (taskId === undefined || fact.task === taskId) &&
              fact.at >= (since ?? Number.NEGATIVE_INFINITY) &&
              fact.at < (until ?? Number.POSITIVE_INFINITY),
          );
          expect(plainRows(rows)).toEqual(naiveRows(wanted, by, zone));
          const [all] = naiveRows(
            wanted.map((fact) => ({ ...fact, project: 'all' })),
            'project',
            zone,
          );
          expect(total.costUsd).toBe(all?.cost ?? null);
          expect(total.requests).toBe(all?.requests ?? 0);
        },
      ),
      { numRuns: trialCount(60, 2_000), seed: 5 },
    );
  });

  test('grades say how much of a total is known in which way', async () => {
    const { total } = await costs.report({ by: 'project', projectId: 'proj_b' });
    const wanted = facts.filter(({ project }) => project === 'proj_b');
    for (const grade of ['measured', 'transcript', 'partial', 'reported'] as const) {
      const some = wanted.filter((fact) => fact.grade === grade);
      const cost = some.reduce((sum, fact) => sum + (fact.cost ?? 0n), 0n);
      expect(total.grades[grade]).toEqual({ requests: some.length, costUsd: formatDollars(cost) });
    }
  });

  test('as JSON it has the shape that scripts read', async () => {
    const report = await costs.report({ by: 'client', projectId: 'proj_a', until: new Date('2026-02-01T00:00:00Z') });
    expect(Object.keys(reportJson(report))).toEqual(['currency', 'timezone', 'rows', 'total', 'coverage']);
    expect(reportJson(report).rows[0]).toEqual({
      key: 'claude',
      requests: expect.any(Number),
      tokens: {
        input: expect.any(Number),
        output: expect.any(Number),
        reasoning: 0,
        cache_read: 0,
        cache_write_5m: 0,
        cache_write_1h: 0,
      },
      cost_usd: expect.stringMatching(/^\d+(\.\d{1,12})?$/),
      unpriced: expect.any(Number),
      grades: expect.objectContaining({ transcript: { requests: expect.any(Number), cost_usd: expect.any(String) } }),
    });
  });

  test('nothing is nothing, and what is not priced is not free', async () => {
    expect(await costs.report({ by: 'day', projectId: 'proj_nobody' })).toMatchObject({
      rows: [],
      total: { requests: 0, costUsd: null, unpriced: 0, grades: {} },
    });
  });

  test.each(['Nowhere/At_All', '+05:30', "UTC'; DROP TABLE usage_entries; --"])(
    '%s is no time zone',
    async (timezone) => {
      await expect(costs.report({ by: 'day', projectId: null, timezone })).rejects.toMatchObject({
        code: 'invalid_argument',
      });
    },
  );

  test('a rebuild finds nothing to correct, and corrects what somebody spoiled', async () => {
    expect(await rebuildRollups(pool)).toBe(0);
    await pool.query(`UPDATE usage_rollups SET requests = requests + 5, cost_usd = cost_usd * 2 WHERE model = 'opus'`);
    await pool.query(`DELETE FROM usage_totals WHERE dimension = 'model'`);
    expect(await findDrift(pool)).not.toEqual([]);
    expect(await rebuildRollups(pool)).toBeGreaterThan(0);
    expect(await findDrift(pool)).toEqual([]);
    expect(await rebuildRollups(pool)).toBe(0);
  });

  test('entries that change or go leave no trace in any sum', async () => {
    await pool.query(
      `UPDATE usage_entries SET model = 'other', cost_usd = cost_usd / 3 WHERE model = 'gpt' AND cost_usd IS NOT NULL`,
    );
    await pool.query(`DELETE FROM usage_entries WHERE id % 3 = 0`);
    expect(await findDrift(pool)).toEqual([]);
    await rollUpChanges(pool);
    expect(await findDrift(pool)).toEqual([]);
    await pool.query(`DELETE FROM usage_entries`);
    await rollUpChanges(pool);
    expect(await findDrift(pool)).toEqual([]);
    await rebuildRollups(pool);
    const { rows } = await pool.query(`SELECT count(*)::int AS n FROM usage_totals`);
    expect(rows).toEqual([{ n: 0 }]);
  });
});
