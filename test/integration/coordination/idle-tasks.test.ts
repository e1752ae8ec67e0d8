// Tasks that nobody ends, and calls that take long: by the clock of both databases.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../../../src/actor/actor.js';
import { createAgentRepository } from '../../../src/coordination/agents/agent-repository.js';
import { createExpiryRepository } from '../../../src/coordination/expiry/expiry-repository.js';
import { createNoticeRepository } from '../../../src/coordination/notices/notice-repository.js';
import { createCommandRepository } from '../../../src/hooks/policy/command-repository.js';
import { type LockServices, openLockServices } from '../../support/locks/lock-services.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';

const pools = await openBothDatabases();

describe.each(DATABASE_MODES)('tasks that nobody ends, %s database', (mode) => {
  const pool = pools[mode];
  const expiry = createExpiryRepository(pool);
  const agents = createAgentRepository(pool);
  const beat = async (agentId: string) => (await agents.heartbeats([{ agentId, branch: null }], 60)).get(agentId);
  const commands = createCommandRepository(pool);
  let services: LockServices;

  beforeAll(async () => {
    services = await openLockServices(pool);
  });
  afterAll(() => services.close());

  const start = async (name: string, file: string) => {
    const actor = await services.connect(name);
    const { sessionId } = await services.sessions.start(actor, {
      task: name,
      patterns: services.place(file),
      mode: 'exclusive',
      waitSeconds: 0,
    });
    return { ...actor, sessionId };
  };
  const beSilent = (actor: Actor, hours: number) =>
    pool.query('UPDATE sessions SET last_active_at = now() - make_interval(hours => $2) WHERE agent_id = $1', [
      actor.agentId,
      hours,
    ]);
  const secondsLeft = async (actor: Actor): Promise<number> => {
    const { rows } = await pool.query(
      `SELECT extract(epoch FROM expires_at - clock_timestamp())::float8 AS seconds FROM locks
       WHERE agent_id = $1 AND ended_at IS NULL`,
      [actor.agentId],
    );
    return rows[0]?.seconds;
  };
  const setSecondsLeft = (actor: Actor, seconds: number) =>
    pool.query('UPDATE locks SET expires_at = clock_timestamp() + make_interval(secs => $2) WHERE agent_id = $1', [
      actor.agentId,
      seconds,
    ]);

  test('an idle task ends when its locks have ended, its agent is told, and another start goes on with it', async () => {
    const idle = await start('Forgotten', `${mode}/forgotten.ts`);
    const holding = await start('Holds', `${mode}/holds.ts`);
    const busy = await start('Works', `${mode}/works.ts`);
    for (const actor of [idle, holding]) await beSilent(actor, 5);
    await setSecondsLeft(idle, -1);
    await expiry.expire(idle.projectId);
    const ended = await expiry.endIdle(4 * 3_600);
    expect(ended.map(({ id }) => id)).toEqual([idle.sessionId]);
    expect(await services.sessions.listActive(idle.agentId)).toEqual([]);
    expect(await services.sessions.listActive(holding.agentId)).toHaveLength(1);
    expect(await services.sessions.listActive(busy.agentId)).toHaveLength(1);
    const notices = await createNoticeRepository(pool).drain(idle.agentId);
    expect(notices.map(({ kind }) => kind)).toEqual(['lock_lost', 'task_idle']);
    expect(notices[1]?.facts).toMatchObject({ session_id: idle.sessionId, task: 'Forgotten' });

    const again = await start('Forgotten', `${mode}/forgotten.ts`);
    expect(again.sessionId).not.toBeNull();
    const other = await services.sessions.start(
      { ...idle, sessionId: null },
      { task: 'Remembered', patterns: services.place(`${mode}/new.ts`), mode: 'exclusive', waitSeconds: 0 },
    );
    expect(other).toMatchObject({ sessionId: idle.sessionId, continued: 'Forgotten' });
  });

  test('a tool call that has not returned is a sign of life, within its bound', async () => {
    const actor = await start('Runs the tests', `${mode}/tested.ts`);
    const call = {
      projectId: actor.projectId,
      worktree: '/nowhere',
      agentId: actor.agentId,
      callKey: 'call',
      isEdit: false,
      host: 'test',
      clientPid: null,
      command: 'npm test',
    };
    expect(await beat(actor.agentId)).toEqual({ connected: true, holds: true, isBusy: false });
    await commands.begin(call);
    expect(await beat(actor.agentId)).toEqual({ connected: true, holds: true, isBusy: true });
    // What the process does at such a beat.
    await setSecondsLeft(actor, 20);
    await beSilent(actor, 3);
    await agents.touch(actor.agentId, []);
    expect(await secondsLeft(actor)).toBeGreaterThan(800);
    await expiry.endIdle(2 * 3_600);
    expect(await services.sessions.listActive(actor.agentId)).toHaveLength(1);

    await pool.query(`UPDATE agent_commands SET started_at = now() - interval '61 minutes' WHERE agent_id = $1`, [
      actor.agentId,
    ]);
    expect(await beat(actor.agentId)).toMatchObject({ isBusy: false });
    await commands.end(actor.projectId, 'call', null);
    expect(await beat(actor.agentId)).toMatchObject({ isBusy: false });
  });
});
