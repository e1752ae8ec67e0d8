import { beforeEach, describe, expect, test } from 'vitest';
import { identifyTask, linkClientSession } from '../../../src/accountability/ledger/identify-task.js';
import { recordUsage } from '../../../src/accountability/ledger/record-usage.js';
import type { UsageRecord } from '../../../src/accountability/usage.js';
import { emptyLedger, insertAgent, insertTask, ledgerContext } from '../../support/ledger/ledger-fixture.js';
import { at, readLinks, request } from '../../support/ledger/linked-requests.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';

const databases = await openBothDatabases();

describe.each(DATABASE_MODES)('links of requests of several sessions, %s', (mode) => {
  const pool = databases[mode];

  beforeEach(() => emptyLedger(pool));

  const record = (...rows: UsageRecord[]) => recordUsage(pool, ledgerContext, rows);

  const links = () => readLinks(pool);

  test('a task goes on in the sessions that its agent served meanwhile, whatever was read when', async () => {
    const rows = [
      request('a1', '10:01:00', { toolUseIds: ['start'] }),
      request('a2', '10:02:00'),
      request('b0', '10:00:00', { sessionId: 'S2' }),
      request('b1', '10:03:00', { sessionId: 'S2' }),
      request('c1', '10:05:00', { sessionId: 'S3', toolUseIds: ['end'] }),
      request('c2', '10:06:00', { sessionId: 'S3' }),
    ];
    const expected = { a1: 'T call', a2: 'T call', b1: 'T call', c1: 'T call' };
    for (const late of [false, true]) {
      await emptyLedger(pool);
      await insertAgent(pool, { id: 'agent_a', clientSession: 'S' });
      await insertTask(pool, {
        id: 'T',
        agent: 'agent_a',
        clientSession: 'S',
        startCall: 'start',
        startedAt: at('10:01:01'),
      });
      if (!late) await record(...rows);
      for (const session of ['S2', 'S3']) {
        await pool.query('UPDATE agents SET client_session = $1', [session]);
        await linkClientSession(pool, 'claude', session, 'agent_a');
      }
      await pool.query(`UPDATE sessions SET status = 'completed', ended_at = $1`, [at('10:05:01')]);
      await identifyTask(pool, { taskId: 'T', endCallId: 'end' });
      if (late) for (const row of rows) await record(row);
      expect(await links()).toMatchObject({ ...expected, b0: expect.not.stringContaining('T'), c2: '- - agent_a' });
    }
  });

  test('a guess by time is given up when the session of the task becomes known', async () => {
    await insertAgent(pool, { id: 'agent_a' });
    await insertTask(pool, { id: 'T', agent: 'agent_a', startCall: 'start', startedAt: at('10:01:00') });
    await record(request('other', '10:02:00', { sessionId: 'S2' }));
    expect(await links()).toEqual({ other: 'T time' });
    await record(request('r1', '10:01:00', { toolUseIds: ['start'] }));
    expect(await links()).toEqual({ other: '- -', r1: 'T call' });
  });

  test('without ids of the calls, by what the calls were answered, in whichever session', async () => {
    await insertAgent(pool, { id: 'agent_a', worktree: '/repo' });
    await insertAgent(pool, { id: 'agent_b', worktree: '/repo' });
    const task = { startedAt: at('10:01:30'), client: 'opencode' };
    await insertTask(pool, { ...task, id: 'sess_a', agent: 'agent_a', endedAt: at('10:03:30') });
    await insertTask(pool, { ...task, id: 'sess_b', agent: 'agent_b' });
    const of = { client: 'opencode' } as const;
    // The client dates a request when its calls have been answered.
    await record(
      request('a0', '10:01:00', of),
      request('a1', '10:01:31', { ...of, toolUseIds: ['start_task sess_a'] }),
      request('b1', '10:01:32', { ...of, sessionId: 'S2', toolUseIds: ['start_task sess_b', 'x'] }),
      request('a2', '10:03:00', of),
      request('a3', '10:03:31', { ...of, toolUseIds: ['end_task sess_a'] }),
      request('a4', '10:04:00', of),
      request('b2', '10:04:00', { ...of, sessionId: 'S2' }),
    );
    expect(await links()).toMatchObject({
      a0: '- -',
      a1: 'sess_a call',
      a2: 'sess_a call',
      a3: 'sess_a call',
      a4: '- -',
      b1: 'sess_b call',
      b2: 'sess_b call',
    });
  });

  test('the session that a hook names is that of active tasks which have none', async () => {
    await insertAgent(pool, { id: 'agent_a' });
    await insertTask(pool, { id: 'T', agent: 'agent_a', client: null, startedAt: at('10:00:00') });
    await insertTask(pool, {
      id: 'OVER',
      agent: 'agent_a',
      client: null,
      startedAt: at('09:00:00'),
      endedAt: at('09:30:00'),
    });
    await record(request('r', '10:02:00'));
    await pool.query(`UPDATE agents SET client_session = 'S'`);
    await linkClientSession(pool, 'claude', 'S', 'agent_a');
    expect(await links()).toEqual({ r: 'T session' });
    const { rows } = await pool.query('SELECT id, client_session FROM sessions ORDER BY id');
    expect(rows).toEqual([
      { id: 'OVER', client_session: null },
      { id: 'T', client_session: 'S' },
    ]);
  });

  test('a sub-agent that goes on after the end of its task belongs to it, until there is another task', async () => {
    await insertAgent(pool, { id: 'agent_a', clientSession: 'S' });
    const task = { agent: 'agent_a', clientSession: 'S' };
    const [endedAt, startedAt] = [at('10:04:01'), at('10:01:01')];
    await insertTask(pool, { ...task, id: 'T', startCall: 'start', endCall: 'end', startedAt, endedAt });
    await insertTask(pool, { ...task, id: 'T2', startCall: 'next', startedAt: at('10:08:00') });
    const sub = { isSidechain: true, agentId: 'sub-1' };
    const late = { isSidechain: true, agentId: 'sub-2' };
    await record(
      request('r1', '10:01:00', { toolUseIds: ['start'] }),
      request('sub1', '10:03:00', sub),
      request('r2', '10:04:00', { toolUseIds: ['end'] }),
      request('sub2', '10:05:00', sub),
      request('r3', '10:05:30'),
      request('late', '10:06:00', late),
    );
    await record(request('sub3', '10:07:00', sub));
    await record(request('r4', '10:08:00', { toolUseIds: ['next'] }), request('sub4', '10:09:00', sub));
    const none = '- - agent_a';
    expect(await links()).toEqual({
      r1: 'T call',
      sub1: 'T call',
      r2: 'T call',
      sub2: 'T call',
      r3: none,
      late: none,
      sub3: 'T call',
      r4: 'T2 call',
      sub4: 'T2 call',
    });
  });
});
