// What time ends, without waiting for it: the sweep's own steps on rows whose times are moved.
import pino from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../../../src/actor/actor.js';
import { createAgentRepository } from '../../../src/coordination/agents/agent-repository.js';
import { createAgentsService } from '../../../src/coordination/agents/agents-service.js';
import { createExpiryRepository } from '../../../src/coordination/expiry/expiry-repository.js';
import { createExpiryService } from '../../../src/coordination/expiry/expiry-service.js';
import type { Notice } from '../../../src/coordination/notices/notice-types.js';
import { holdLivenessLock } from '../../../src/db/hold-liveness-lock.js';
import { newId } from '../../../src/text/ids.js';
import { noLinks } from '../../support/ledger/no-links.js';
import { type LockServices, openLockServices } from '../../support/locks/lock-services.js';
import { readAgent, untilDeathCounts } from '../../support/processes/agents.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';
import { closeAtFileEnd } from '../../support/setup/resources.js';
import { noTelemetry } from '../../support/telemetry/telemetry.js';

let database: TestDatabase;
let services: LockServices;
let repository: ReturnType<typeof createAgentRepository>;
let expiry: ReturnType<typeof createExpiryService>;

beforeAll(async () => {
  database = await createTestDatabase();
  services = await openLockServices(database.pool);
  closeAtFileEnd('lock services', services.close);
  repository = createAgentRepository(database.pool);
  expiry = createExpiryService({
    repository: createExpiryRepository(database.pool),
    agents: createAgentsService({ repository, telemetry: noTelemetry, links: noLinks }),
    telemetry: noTelemetry,
    logger: pino({ level: 'silent' }),
  });
});

const query = async <T>(text: string, values: unknown[] = []): Promise<T[]> =>
  (await database.pool.query(text, values)).rows as T[];
const setTimeLeft = (actor: Actor, seconds: number) =>
  query(`UPDATE locks SET expires_at = clock_timestamp() + make_interval(secs => $2) WHERE agent_id = $1`, [
    actor.agentId,
    seconds,
  ]);
const listNotices = (actor: Actor) =>
  query<Notice>('SELECT kind, facts FROM notices WHERE agent_id = $1 ORDER BY id', [actor.agentId]);
const secondsLeft = async (actor: Actor): Promise<Record<string, number>> =>
  Object.fromEntries(
    (
      await query<{ pattern: string; left: number }>(
        `SELECT pattern, extract(epoch FROM expires_at - clock_timestamp())::float8 AS left FROM locks
         WHERE agent_id = $1 AND ended_at IS NULL`,
        [actor.agentId],
      )
    ).map(({ pattern, left }) => [pattern, left]),
  );

describe('a sweep', () => {
  test('warns once of a lock that ends soon, then ends it and tells its holder', async () => {
    const actor = await services.connect('sleeper');
    await services.acquire(actor, ['a/warned.ts', 'a/other.ts']);
    await expiry.sweep(true);
    expect(await listNotices(actor)).toEqual([]);
    await setTimeLeft(actor, 170);
    await expiry.sweep(true);
    await expiry.sweep(true);
    const [warning, ...others] = await listNotices(actor);
    expect(others).toEqual([]);
    expect(warning).toMatchObject({
      kind: 'lock_expiring',
      facts: { silent_seconds: 720, locks: [{ pattern: 'a/other.ts' }, { pattern: 'a/warned.ts' }] },
    });
    await setTimeLeft(actor, -1);
    await expiry.sweep(true);
    expect((await listNotices(actor)).map(({ kind }) => kind)).toEqual(['lock_expiring', 'lock_lost']);
    expect(await readAgent(database.pool, actor.agentId)).toMatchObject({ status: 'active', liveLocks: 0 });
  });

  test('says when the next lock is due: its warning, then its end', async () => {
    await query('UPDATE locks SET ended_at = now() WHERE ended_at IS NULL');
    expect(await expiry.sweep(true)).toBeNull();
    const actor = await services.connect('next');
    await services.acquire(actor, ['b/next.ts']);
    const untilWarning = await expiry.sweep(true);
    expect(untilWarning).toBeGreaterThan(700_000);
    expect(untilWarning).toBeLessThanOrEqual(720_000);
    await setTimeLeft(actor, 100);
    const untilEnd = await expiry.sweep(true);
    expect(untilEnd).toBeGreaterThan(80_000);
    expect(untilEnd).toBeLessThanOrEqual(100_000);
  });

  test('ends agents that were silent for 90 s, unless silence means nothing', async () => {
    const [silent, quiet] = [await services.connect('silent'), await services.connect('quiet')];
    await services.acquire(silent, ['c/silent.ts']);
    const hush = (actor: Actor, seconds: number) =>
      query(`UPDATE agents SET last_seen_at = now() - make_interval(secs => $2) WHERE id = $1`, [
        actor.agentId,
        seconds,
      ]);
    await hush(silent, 91);
    await hush(quiet, 80);
    await expiry.sweep(false);
    expect((await readAgent(database.pool, silent.agentId)).status).toBe('active');
    await expiry.sweep(true);
    expect(await readAgent(database.pool, silent.agentId)).toMatchObject({
      status: 'disconnected',
      liveLocks: 0,
      reasons: ['silent'],
    });
    expect((await readAgent(database.pool, quiet.agentId)).status).toBe('active');
  });

  test('leaves agents alone that hold their liveness lock, and ends those that do not any more', async () => {
    const [alive, dead] = [await services.connect('alive'), await services.connect('dead')];
    await query('UPDATE agents SET has_liveness_lock = true WHERE id = ANY($1)', [[alive.agentId, dead.agentId]]);
    const holder = await database.pool.connect();
    await holder.query('SELECT hold_liveness_lock($1)', [alive.agentId]);
    expect(await expiry.endDead()).toMatchObject({ suspected: true });
    expect((await readAgent(database.pool, dead.agentId)).status).toBe('active');
    await query(`UPDATE agents SET suspected_at = now() - interval '2 seconds' WHERE id = $1`, [dead.agentId]);
    await query(`UPDATE agents SET suspected_at = now() - interval '2 seconds' WHERE id = $1`, [alive.agentId]);
    await untilDeathCounts(database.pool);
    expect(await expiry.endDead()).toMatchObject({ suspected: false });
    expect((await readAgent(database.pool, dead.agentId)).status).toBe('disconnected');
    expect((await readAgent(database.pool, alive.agentId)).status).toBe('active');
    holder.release(true);
  });

  test('lets agents come back for ten seconds whose lock was held before a standby became the primary', async () => {
    const agent = await services.connect('promoted');
    await query(`UPDATE agents SET has_liveness_lock = true, liveness_timeline = '00000000' WHERE id = $1`, [
      agent.agentId,
    ]);
    await untilDeathCounts(database.pool);
    const age = (seconds: number) =>
      query('UPDATE agents SET suspected_at = suspected_at - make_interval(secs => $2) WHERE id = $1', [
        agent.agentId,
        seconds,
      ]);
    await query('UPDATE agents SET suspected_at = now() - make_interval(mins => 1) WHERE id = $1', [agent.agentId]);
    expect(await expiry.endDead()).toMatchObject({ suspected: true });
    await age(8);
    expect(await expiry.endDead()).toMatchObject({ suspected: true });
    expect((await readAgent(database.pool, agent.agentId)).status).toBe('active');
    await age(2);
    await expiry.endDead();
    expect((await readAgent(database.pool, agent.agentId)).status).toBe('disconnected');
  });

  test('does not take for silent who is on the way back after the database was away for long', async () => {
    const agent = await services.connect('away');
    await query(
      `UPDATE agents SET has_liveness_lock = true, liveness_timeline = current_timeline(), last_seen_at = now() - interval '5 minutes'
       WHERE id = $1`,
      [agent.agentId],
    );
    await expiry.sweep(true);
    expect((await readAgent(database.pool, agent.agentId)).status).toBe('active');
    const held = holdLivenessLock({
      connectionString: database.url,
      agentId: agent.agentId,
      logger: pino({ level: 'silent' }),
    });
    await held.livenessLock.untilHeld(agent.agentId, 30_000);
    await expiry.sweep(true);
    expect((await readAgent(database.pool, agent.agentId)).status).toBe('active');
    await held.close();
  });
});

describe('a touch', () => {
  test('renews the locks of the session, of the agent itself and of the session it came from, no others', async () => {
    const agent = await services.connect('worker');
    const sessions = [newId('sess_'), newId('sess_'), newId('sess_')] as const;
    const [parent, child, other] = sessions;
    for (const id of [parent, other]) {
      await query(`INSERT INTO sessions (id, project_id, agent_id, task) VALUES ($1, $2, $3, 'a task')`, [
        id,
        agent.projectId,
        agent.agentId,
      ]);
    }
    await query(
      `INSERT INTO sessions (id, project_id, agent_id, parent_id, task, subagent) VALUES ($1, $2, $3, $4, 'a part', 's')`,
      [child, agent.projectId, agent.agentId, parent],
    );
    await services.acquire(agent, ['d/agent.ts']);
    await services.acquire({ ...agent, sessionId: parent }, ['d/parent.ts']);
    await services.acquire({ ...agent, sessionId: child }, ['d/child.ts']);
    await services.acquire({ ...agent, sessionId: other }, ['d/other.ts']);
    await setTimeLeft(agent, 60);
    expect(await repository.touch(agent.agentId, [child])).toBe(true);
    const left = await secondsLeft(agent);
    expect(left['d/other.ts']).toBeLessThanOrEqual(60);
    for (const path of ['d/agent.ts', 'd/parent.ts', 'd/child.ts']) expect(left[path]).toBeGreaterThan(800);
    await repository.touch(agent.agentId, []);
    expect((await secondsLeft(agent))['d/other.ts']).toBeGreaterThan(800);
  });

  test('revives nothing: neither a lock whose time is up nor an agent that was declared gone', async () => {
    const actor = await services.connect('late');
    await services.acquire(actor, ['e/late.ts']);
    await setTimeLeft(actor, -1);
    expect(await repository.touch(actor.agentId, [])).toBe(true);
    expect((await secondsLeft(actor))['e/late.ts']).toBeLessThan(0);
    await repository.disconnect(actor.agentId, 'a test');
    expect(await repository.touch(actor.agentId, [])).toBe(false);
    expect(await repository.heartbeats([{ agentId: actor.agentId, branch: null }], 60)).toEqual(new Map());
    expect((await readAgent(database.pool, actor.agentId)).status).toBe('disconnected');
  });

  test('waits for nobody who is ending the locks', async () => {
    const actor = await services.connect('busy');
    await services.acquire(actor, ['f/busy.ts']);
    const other = await database.pool.connect();
    await other.query('BEGIN');
    await other.query('SELECT FROM locks WHERE agent_id = $1 FOR UPDATE', [actor.agentId]);
    expect(await repository.touch(actor.agentId, [])).toBe(true);
    await other.query('ROLLBACK');
    other.release();
  });
});
