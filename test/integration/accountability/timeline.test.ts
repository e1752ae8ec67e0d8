import type { Pool } from 'pg';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { followActivities } from '../../../src/accountability/timeline/follow-activities.js';
import {
  type ActivityFilter,
  listActivities,
  listActivitiesAfter,
} from '../../../src/accountability/timeline/list-activities.js';
import { purgeActivities } from '../../../src/accountability/timeline/purge-activities.js';
import { insertAgent } from '../../support/ledger/ledger-fixture.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';

const databases = await openBothDatabases();
const COUNT = 500;
const START = Date.parse('2026-11-01T00:00:00Z');
const TYPES = ['stash', 'decision', 'lock_acquired'];

/** Activities a minute apart, by three agents in turn, of three types, of two projects. */
async function fill(pool: Pool): Promise<void> {
  await pool.query('DELETE FROM activities');
  await pool.query(
    `INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata, created_at)
     SELECT 'proj_' || n % 2, 'agent_' || n % 3, 'sess_1', ($2::text[])[1 + n % 7 % 3], 'subject ' || n, jsonb_build_object('n', n),
       to_timestamp($3::float8 / 1000) + n * interval '1 minute'
     FROM generate_series(1, $1::integer) n ORDER BY n`,
    [COUNT, TYPES, START],
  );
}

describe.each(DATABASE_MODES)('timeline, %s', (mode) => {
  const pool = databases[mode];

  beforeAll(() => insertAgent(pool, { id: 'agent_0' }));
  beforeEach(() => fill(pool));

  const numbers = Array.from({ length: COUNT }, (_, index) => COUNT - index);

  async function readAll(filter: Omit<ActivityFilter, 'limit'>, limit: number): Promise<number[]> {
    const found: number[] = [];
    for (let cursor: string | undefined; ; ) {
      const { activities, nextCursor } = await listActivities(pool, { ...filter, limit, cursor });
      found.push(...activities.map(({ metadata }) => Number(metadata.n)));
      if (nextCursor === null) return found;
      expect(activities).toHaveLength(limit);
      cursor = nextCursor;
    }
  }

  test('newest first, page by page, each once', async () => {
    const expected = numbers.filter((n) => n % 2 === 1);
    for (const limit of [1, 7, 50, 250, 1_000]) {
      expect(await readAll({ projectId: 'proj_1' }, limit)).toEqual(expected);
    }
  });

  test('an entry says who, what and when', async () => {
    const { activities: entries } = await listActivities(pool, { projectId: 'proj_1', limit: 4 });
    expect(entries[2]).toMatchObject({
      id: expect.stringMatching(/^\d+$/),
      at: new Date(START + 495 * 60_000),
      type: 'lock_acquired',
      subject: 'subject 495',
      metadata: { n: 495 },
      agentId: 'agent_0',
      agentName: 'agent',
      sessionId: 'sess_1',
    });
    expect(entries[0]?.agentName).toBeNull();
  });

  test.each([
    [{ agentId: 'agent_1' }, (n: number) => n % 3 === 1],
    [{ type: 'stash' }, (n: number) => (n % 7) % 3 === 0],
    [{ agentId: 'agent_2', type: 'decision' }, (n: number) => n % 3 === 2 && (n % 7) % 3 === 1],
    [{ since: new Date(START + 400 * 60_000) }, (n: number) => n >= 400],
    [{ since: new Date(START + 400 * 60_000 + 1) }, (n: number) => n > 400],
    [{ since: new Date(0) }, () => true],
    [{ since: new Date('2030-01-01') }, () => false],
    [
      { since: new Date(START + 30 * 60_000), agentId: 'agent_1', type: 'stash' },
      (n: number) => n >= 30 && n % 3 === 1 && (n % 7) % 3 === 0,
    ],
    [{ agentId: 'agent_nobody' }, () => false],
  ])('filtered by %j', async (filter, isWanted) => {
    const expected = numbers.filter((n) => n % 2 === 0 && isWanted(n));
    expect(await readAll({ projectId: 'proj_0', ...filter }, 20)).toEqual(expected);
  });

  test('what is no cursor is refused', async () => {
    await expect(listActivities(pool, { projectId: 'p', limit: 5, cursor: '1; --' })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });

  test('a follower shows each entry once, also one that appears late', async () => {
    const last = (await listActivities(pool, { projectId: 'proj_1', limit: 1 })).activities[0]?.id ?? '0';
    const listAfter = (afterId: string, limit: number) =>
      listActivitiesAfter(pool, { projectId: 'proj_1', limit }, afterId);
    const follower = followActivities(listAfter, last);
    expect(await follower.next()).toEqual([]);
    const add = (text: string) => ({
      text: `INSERT INTO activities (project_id, type, subject) VALUES ('proj_1', 'stash', $1)`,
      values: [text],
    });
    const seen = async () => (await follower.next()).map(({ subject }) => subject);
    if (mode === 'server') {
      const slow = await pool.connect();
      await slow.query('BEGIN');
      await slow.query(add('late'));
      await pool.query(add('one'));
      expect(await seen()).toEqual(['one']);
      await slow.query('COMMIT');
      slow.release();
      await pool.query(add('two'));
      expect(await seen()).toEqual(['late', 'two']);
    } else {
      await pool.query(add('one'));
      expect(await seen()).toEqual(['one']);
    }
    expect(await seen()).toEqual([]);
    // Many at once come in parts, and old ones are looked at no more.
    await pool.query(
      `INSERT INTO activities (project_id, type, subject, created_at)
       SELECT 'proj_1', 'stash', n::text, now() + n * interval '1 second' FROM generate_series(1, 1200) n`,
    );
    const found: string[] = [];
    for (let part = await seen(); part.length > 0; part = await seen()) found.push(...part);
    expect(found).toEqual(Array.from({ length: 1_200 }, (_, index) => String(index + 1)));
  });

  test('old activities go, in bounded parts, and no others', async () => {
    const days = (Date.now() - (START + 200 * 60_000 + 30_000)) / 86_400_000;
    await pool.query(`UPDATE activities SET created_at = created_at + make_interval(secs => $1)`, [
      (days - Math.floor(days)) * 86_400,
    ]);
    expect(await purgeActivities(pool, Math.floor(days), { limit: 64 })).toBe(200);
    expect(await purgeActivities(pool, Math.floor(days), { limit: 64 })).toBe(0);
    const left = [...(await readAll({ projectId: 'proj_0' }, 100)), ...(await readAll({ projectId: 'proj_1' }, 100))];
    expect(left.sort((a, b) => b - a)).toEqual(numbers.filter((n) => n > 200));
  });
});
