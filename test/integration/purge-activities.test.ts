import { describe, expect, test } from 'vitest';
import { purgeActivities } from '../../src/jobs/purge-activities.js';
import { createLogger } from '../../src/logger.js';
import { DATABASE_MODES, openBothDatabases } from '../support/setup/both-databases.js';

const databases = await openBothDatabases();

describe.each(DATABASE_MODES)('the job that deletes old activities, %s', (mode) => {
  const pool = databases[mode];

  async function run(activityDays: number): Promise<string[]> {
    const parts = { pool, activityDays, logger: createLogger('silent', 'test') };
    const job = await purgeActivities.start(parts as Parameters<typeof purgeActivities.start>[0]);
    await job.handle({});
    await job.close?.();
    const { rows } = await pool.query<{ subject: string }>('SELECT subject FROM activities ORDER BY id');
    return rows.map(({ subject }) => subject);
  }

  test('keeps them for so many days, or for ever', async () => {
    await pool.query('DELETE FROM activities');
    await pool.query(
      `INSERT INTO activities (project_id, type, subject, created_at)
       SELECT 'proj_1', 'stash', days || ' days', now() - make_interval(days => days) FROM unnest(ARRAY[400, 300, 5, 0]) AS days`,
    );
    expect(await run(0)).toHaveLength(4);
    expect(await run(365)).toEqual(['300 days', '5 days', '0 days']);
    expect(await run(4)).toEqual(['0 days']);
  });
});
