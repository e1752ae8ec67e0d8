import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { maintenance } from '../../../src/jobs/maintenance.js';
import {
  createMaintenanceService,
  type MaintenanceService,
} from '../../../src/memory/retention/maintenance-service.js';
import { refreshLexemeStats } from '../../../src/memory/search/refresh-lexeme-stats.js';
import { createQueueLink } from '../../../src/queue/queue-link.js';
import { startJob } from '../../../src/queue/start-job.js';
import { writeInsight } from '../../support/memory/write-insight.js';
import { startRedis } from '../../support/processes/servers.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';
import { closeAtFileEnd } from '../../support/setup/resources.js';
import { waitUntil } from '../../support/setup/wait-until.js';
import { noTelemetry } from '../../support/telemetry/telemetry.js';

const logger = pino({ level: 'silent' });
let database: TestDatabase;
let service: MaintenanceService;

beforeAll(async () => {
  database = await createTestDatabase();
  const { pool } = database;
  service = createMaintenanceService({ pool, logger, telemetry: noTelemetry, refreshStatistics: refreshLexemeStats });
});
beforeEach(async () => {
  await database.pool.query(`TRUNCATE projects CASCADE; INSERT INTO projects (id, root) VALUES ('p', '/p')`);
});
afterEach(async () => {
  await database.pool.query('TRUNCATE projects CASCADE');
});

async function stash(name: string, expires: string | null, passages = 1): Promise<void> {
  await database.pool.query(
    `INSERT INTO stashes (id, project_id, name, version, summary, expires_at)
     VALUES ($1, 'p', $1, 1, 'a summary', now() + $2::interval)`,
    [name, expires],
  );
  await database.pool.query(
    `INSERT INTO passages (project_id, owner_kind, owner_id, start_offset, end_offset, content_hash, expires_at)
     SELECT 'p', 'stash', $1, n, n + 1, sha256('x'), now() + $2::interval FROM generate_series(1, $3::integer) AS n`,
    [name, expires, passages],
  );
}

const column = async (sql: string): Promise<unknown[]> =>
  (await database.pool.query<{ value: unknown }>(`SELECT value FROM (${sql}) AS q(value) ORDER BY 1`)).rows.map(
    ({ value }) => value,
  );

it('takes the passages of expired stashes, once, and says so on the timeline', async () => {
  await stash('old', '-1 second', 3);
  await stash('young', '1 hour');
  await stash('eternal', null);
  await service.run('expire-stashes');
  await service.run('expire-stashes');
  expect(await column('SELECT DISTINCT owner_id FROM passages')).toEqual(['eternal', 'young']);
  expect(await column('SELECT id FROM stashes')).toEqual(['eternal', 'old', 'young']);
  expect(await column(`SELECT subject FROM activities WHERE type = 'expire'`)).toEqual(['old']);
});

it('expires any number in one run', async () => {
  await database.pool.query(
    `INSERT INTO passages (project_id, owner_kind, owner_id, start_offset, end_offset, content_hash, expires_at)
     SELECT 'p', 'stash', 'stash_' || n, 0, 1, sha256('x'), now() - interval '1 day' FROM generate_series(1, 1300) AS n`,
  );
  await service.run('expire-stashes');
  expect(await column('SELECT count(*)::integer FROM passages')).toEqual([0]);
});

it('purges what was forgotten, or expired, more than 30 days ago', async () => {
  await stash('long expired', '-31 days');
  await stash('just expired', '-29 days');
  for (const [id, age] of [
    ['long forgotten', '31 days'],
    ['just forgotten', '29 days'],
  ]) {
    await database.pool.query(
      `INSERT INTO insights (id, project_id, version, content, forgotten_at) VALUES ($1, 'p', 1, 'x', now() - $2::interval)`,
      [id, age],
    );
    await database.pool.query(
      `INSERT INTO decisions (id, project_id, topic, decision, forgotten_at) VALUES ($1, 'p', 't', 'x', now() - $2::interval)`,
      [id, age],
    );
  }
  await service.run('purge-forgotten');
  expect(await column('SELECT id FROM stashes')).toEqual(['just expired']);
  expect(await column('SELECT id FROM insights')).toEqual(['just forgotten']);
  expect(await column('SELECT id FROM decisions')).toEqual(['just forgotten']);
});

it('counts the words of projects', async () => {
  await writeInsight(database.pool, 'the quick brown fox');
  await service.run('refresh-statistics');
  expect(await column(`SELECT passage_count FROM projects WHERE id = 'project'`)).toEqual([1]);
});

it('puts its schedules into the queue, again after the queue was lost, and does what it is told', async () => {
  const redis = await startRedis();
  const backend = { kind: 'redis', url: redis.url } as const;
  const resources = { pool: database.pool };
  const running = await startJob(maintenance, { resources, backend, logger, telemetry: noTelemetry });
  closeAtFileEnd('the job maintenance', () => running.close());
  const link = createQueueLink({ backend, logger, watchMs: 500 });
  closeAtFileEnd('link', link.close);
  const schedules = () =>
    link.use(maintenance, 5_000, async (queue) =>
      (await queue.getJobSchedulers()).map(({ key, every }) => `${key} ${every}`).sort(),
    );
  const all = [
    'expire-stashes 60000',
    'move-late-rows 300000',
    'purge-forgotten 86400000',
    'refresh-lexemes 60000',
    'refresh-statistics 300000',
  ];
  const complete = async () => (await schedules()).join() === all.join();
  await waitUntil(complete, 'the schedules');
  await redis.kill();
  await redis.start();
  await waitUntil(complete, 'the schedules after a loss');

  await stash('old', '-1 second');
  await link.use(maintenance, 5_000, (queue) => queue.add('maintenance', { task: 'expire-stashes' }));
  await waitUntil(async () => (await column('SELECT owner_id FROM passages')).length === 0, 'the task');
  await running.close();
});
