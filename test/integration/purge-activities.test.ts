import { describe, expect, test } from 'vitest';
import { purgeActivities } from '../../src/jobs/purge-activities.js';
import { createLogger } from '../../src/logger.js';
import { DATABASE_MODES, openBothDatabases } from '../support/setup/both-databases.js';

const databases = await openBothDatabases();

describe.each(DATABASE_MODES)('the job that deletes old activities, %s', (mode) => {
  const pool = databases[mode];

  async function run(activityDays: number): Promise<string[]> {
    const parts = { pool, activityDays, costDays: 0, logger: createLogger('silent', 'test') };
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

  test('deletes sessions and agents of that time too, but for those that left something, and old announcements', async () => {
    await pool.query(`INSERT INTO projects (id, root) VALUES ('proj_old', '/old')`);
    await pool.query(
      `INSERT INTO agents (id, project_id, name, status, disconnected_at)
       SELECT 'agent_' || name, 'proj_old', name, CASE WHEN days IS NULL THEN 'active' ELSE 'disconnected' END::agent_status,
         now() - make_interval(days => days)
       FROM (VALUES ('gone', 400), ('recent', 10), ('here', NULL), ('author', 400), ('worker', 400), ('payer', 400)) AS a (name, days)`,
    );
    await pool.query(
      `INSERT INTO insights (id, project_id, version, content, created_by) VALUES ('insight_old', 'proj_old', 1, 'Known', 'agent_author')`,
    );
    await pool.query(
      `INSERT INTO sessions (id, project_id, agent_id, task, status, ended_at)
       SELECT 'sess_' || name, 'proj_old', 'agent_' || agent, name, 'completed', now() - make_interval(days => days)
       FROM (VALUES ('idle', 'worker', 400), ('recent', 'recent', 10), ('paid', 'payer', 400)) AS s (name, agent, days)`,
    );
    await pool.query(
      `INSERT INTO usage_entries (client, keys, project_id, agent_id, session_id, occurred_at, witnesses, grade)
       VALUES ('claude', '{request:1}', 'proj_old', 'agent_payer', 'sess_paid', now() - interval '400 days', '{transcript}', 'transcript')`,
    );
    await pool.query(
      `INSERT INTO announcements (id, project_id, message, created_at)
       SELECT 'ann_' || days, 'proj_old', 'Heard', now() - make_interval(days => days) FROM unnest(ARRAY[40, 20]) AS days`,
    );
    const left = async (table: string) =>
      (await pool.query(`SELECT id FROM ${table} WHERE project_id = 'proj_old' ORDER BY id`)).rows.map(({ id }) => id);
    await run(0);
    expect(await left('agents')).toHaveLength(6);
    expect(await left('announcements')).toEqual(['ann_20']);
    await run(365);
    expect(await left('sessions')).toEqual(['sess_paid', 'sess_recent']);
    expect(await left('agents')).toEqual(['agent_author', 'agent_here', 'agent_payer', 'agent_recent']);
    expect(await left('insights')).toEqual(['insight_old']);
  });
});
