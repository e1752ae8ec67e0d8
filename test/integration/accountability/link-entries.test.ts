import { beforeEach, describe, expect, test } from 'vitest';
import { identifyTask, linkClientSession } from '../../../src/accountability/ledger/identify-task.js';
import { recordUsage } from '../../../src/accountability/ledger/record-usage.js';
import type { UsageRecord } from '../../../src/accountability/usage.js';
import { createRandom } from '../../support/inputs/canary-secrets.js';
import { emptyLedger, insertAgent, insertTask, ledgerContext } from '../../support/ledger/ledger-fixture.js';
import { findDrift } from '../../support/ledger/ledger-sums.js';
import { inBatches, type RecordChange, shuffled, usageRecord } from '../../support/ledger/usage-records.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';

const databases = await openBothDatabases();

/** A moment of the day on which everything happens. */
const at = (time: string) => `2026-11-20T${time}.000Z`;

/** A request by its name and time. */
const request = (id: string, time: string, change: RecordChange = {}): UsageRecord =>
  usageRecord({ requestId: id, at: at(time), sessionId: 'S', tokens: { output: 1 }, ...change });

describe.each(DATABASE_MODES)('links of requests, %s', (mode) => {
  const pool = databases[mode];

  beforeEach(() => emptyLedger(pool));

  const record = (...rows: UsageRecord[]) => recordUsage(pool, ledgerContext, rows);

  /** `request: task how`, by request. */
  async function links(): Promise<Record<string, string>> {
    const { rows } = await pool.query<{ key: string; task: string | null; agent: string | null; how: string | null }>(
      `SELECT keys[1] AS key, session_id AS task, agent_id AS agent, linked_by AS how FROM usage_entries ORDER BY 1`,
    );
    expect(await findDrift(pool)).toEqual([]);
    return Object.fromEntries(
      rows.map(({ key, task, agent, how }) => [
        key.replace('request:', ''),
        [task ?? '-', how ?? '-', ...(task === null && agent !== null ? [agent] : [])].join(' '),
      ]),
    );
  }

  /** A session in which a task begins with r2's call and ends with r5's, a sub-agent works beside it, and more follows. */
  const HISTORY = [
    request('r1', '10:00:00'),
    request('r2', '10:01:00', { toolUseIds: ['start'] }),
    request('r3', '10:02:00'),
    request('sub', '10:02:30', { isSidechain: true, agentId: 'sub-1' }),
    request('r4', '10:03:00', { toolUseIds: ['other'] }),
    request('r5', '10:04:00', { toolUseIds: ['end'] }),
    request('r6', '10:05:00'),
    request('else', '10:02:00', { sessionId: 'another' }),
  ];
  const BY_CALL = {
    r1: '- - agent_a',
    r2: 'T call',
    r3: 'T call',
    sub: 'T call',
    r4: 'T call',
    r5: 'T call',
    r6: '- - agent_a',
    else: '- -',
  };

  test('a task has the requests from the one that starts it to the one that ends it, sub-agents included', async () => {
    await insertAgent(pool, { id: 'agent_a', clientSession: 'S' });
    await insertTask(pool, {
      id: 'T',
      agent: 'agent_a',
      clientSession: 'S',
      startCall: 'start',
      endCall: 'end',
      startedAt: at('10:01:01'),
      endedAt: at('10:04:01'),
    });
    await record(...HISTORY);
    expect(await links()).toEqual(BY_CALL);
  });

  test('whatever comes first: the rows, the calls or the end of the task', async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      await emptyLedger(pool);
      const random = createRandom(seed);
      const steps: (() => Promise<unknown>)[] = inBatches(shuffled(HISTORY, random), random, 3).map(
        (batch) => () => record(...batch),
      );
      await insertAgent(pool, { id: 'agent_a', clientSession: 'S' });
      await insertTask(pool, { id: 'T', agent: 'agent_a', client: null, startedAt: at('10:01:01') });
      const start = Math.floor(random() * steps.length);
      steps.splice(start, 0, () =>
        identifyTask(pool, { taskId: 'T', client: 'claude', clientSession: 'S', startCallId: 'start' }),
      );
      steps.splice(start + 1 + Math.floor(random() * (steps.length - start)), 0, async () => {
        await pool.query(`UPDATE sessions SET status = 'completed', ended_at = $1 WHERE id = 'T'`, [at('10:04:01')]);
        await identifyTask(pool, { taskId: 'T', endCallId: 'end' });
      });
      for (const step of steps) await step();
      expect(await links()).toEqual(BY_CALL);
    }
  });

  test('the session of a task is learned from its call', async () => {
    await insertAgent(pool, { id: 'agent_a' });
    await insertTask(pool, { id: 'T', agent: 'agent_a', startCall: 'start', startedAt: at('10:01:01') });
    await record(...HISTORY.slice(1, 4));
    const { rows } = await pool.query(`SELECT client_session FROM sessions WHERE id = 'T'`);
    expect(rows).toEqual([{ client_session: 'S' }]);
    // From now on by the session, without the call's row.
    await record(...HISTORY.slice(4));
    expect(await links()).toMatchObject({ r2: 'T call', sub: 'T call', r6: 'T call', else: '- -' });
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

  test("a sub-agent's own task has only the sub-agent's requests", async () => {
    await insertAgent(pool, { id: 'agent_a', clientSession: 'S' });
    const task = { agent: 'agent_a', clientSession: 'S' };
    await insertTask(pool, { ...task, id: 'MAIN', startCall: 'start', startedAt: at('10:00:01') });
    await insertTask(pool, { ...task, id: 'SUB', startCall: 'substart', endCall: 'subend', startedAt: at('10:02:01') });
    const sub = { isSidechain: true, agentId: 'sub-1' };
    await record(
      request('m1', '10:00:00', { toolUseIds: ['start'] }),
      request('s1', '10:02:00', { ...sub, toolUseIds: ['substart'] }),
      request('m2', '10:02:10'),
      request('o1', '10:02:20', { isSidechain: true, agentId: 'sub-2' }),
      request('s2', '10:03:00', { ...sub, toolUseIds: ['subend'] }),
      request('s3', '10:04:00', sub),
    );
    expect(await links()).toEqual({
      m1: 'MAIN call',
      m2: 'MAIN call',
      o1: 'MAIN call',
      s1: 'SUB call',
      s2: 'SUB call',
      s3: 'MAIN call',
    });
  });

  test('two tasks of a session have each their own requests; one that ends one and starts the next is the next one’s', async () => {
    await insertAgent(pool, { id: 'agent_a', clientSession: 'S' });
    const task = { agent: 'agent_a', clientSession: 'S' };
    await insertTask(pool, {
      ...task,
      id: 'T1',
      startCall: 's1',
      endCall: 'e1',
      startedAt: at('10:00:01'),
      endedAt: at('10:02:01'),
    });
    await insertTask(pool, {
      ...task,
      id: 'T2',
      startCall: 's2',
      endCall: 'e2',
      startedAt: at('10:02:02'),
      endedAt: at('10:04:01'),
    });
    await record(
      request('a', '10:00:00', { toolUseIds: ['s1'] }),
      request('b', '10:01:00'),
      request('c', '10:02:00', { toolUseIds: ['e1', 's2'] }),
      request('d', '10:03:00'),
      request('e', '10:04:00', { toolUseIds: ['e2'] }),
      request('f', '10:05:00'),
    );
    expect(await links()).toEqual({
      a: 'T1 call',
      b: 'T1 call',
      c: 'T2 call',
      d: 'T2 call',
      e: 'T2 call',
      f: '- - agent_a',
    });
  });

  test('a resumed copy belongs to its first session, and the resumed task to the new one', async () => {
    await insertAgent(pool, { id: 'agent_a', clientSession: 'S' });
    await insertAgent(pool, { id: 'agent_b', clientSession: 'S2', connectedAt: at('11:00:00') });
    await insertTask(pool, {
      id: 'T',
      agent: 'agent_b',
      clientSession: 'S2',
      startCall: 'again',
      startedAt: at('11:01:00'),
    });
    const first = [request('r1', '10:00:00'), request('r2', '10:01:00')];
    const copies = first.map((row) => ({ ...row, sessionId: 'S2', sessionBornAt: at('11:00:00') }));
    await record(...copies, request('r3', '11:00:59', { sessionId: 'S2', toolUseIds: ['again'] }));
    expect(await links()).toEqual({ r1: '- - agent_b', r2: '- - agent_b', r3: 'T call' });
    await record(...first);
    expect(await links()).toEqual({ r1: '- - agent_a', r2: '- - agent_a', r3: 'T call' });
  });

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

  test('without calls, by the session between start and end, and graded so', async () => {
    await insertAgent(pool, { id: 'agent_a', clientSession: 'S' });
    await insertTask(pool, {
      id: 'T',
      agent: 'agent_a',
      clientSession: 'S',
      startedAt: at('10:01:30'),
      endedAt: at('10:03:30'),
    });
    await record(...HISTORY);
    expect(await links()).toMatchObject({
      r1: '- - agent_a',
      r2: '- - agent_a',
      r3: 'T session',
      sub: 'T session',
      r4: 'T session',
      r5: '- - agent_a',
      else: '- -',
    });
  });

  test('without any id, by worktree, client and time, where one task fits', async () => {
    await insertAgent(pool, { id: 'agent_a', worktree: '/repo' });
    await insertTask(pool, { id: 'T', agent: 'agent_a', startedAt: at('10:01:30'), endedAt: at('10:03:30') });
    await record(
      ...HISTORY,
      request('elsewhere', '10:02:00', { cwd: '/repo/wt' }),
      request('codex', '10:02:00', { client: 'codex' }),
    );
    const expected = {
      r2: '- -',
      r3: 'T time',
      sub: 'T time',
      r5: '- -',
      else: 'T time',
      elsewhere: '- -',
      codex: '- -',
    };
    expect(await links()).toMatchObject(expected);
    // A second one that fits too makes both a guess.
    await insertAgent(pool, { id: 'agent_b', worktree: '/repo' });
    await insertTask(pool, { id: 'T2', agent: 'agent_b', client: null, startedAt: at('10:02:10') });
    await identifyTask(pool, { taskId: 'T2', client: 'claude' });
    expect(await links()).toMatchObject({
      r3: 'T time',
      else: 'T time',
      sub: '- -',
      r4: '- -',
      r5: 'T2 time',
      r6: 'T2 time',
    });
  });

  test('a session that an agent is known to have is never linked by time', async () => {
    await insertAgent(pool, { id: 'agent_a', worktree: '/repo' });
    await insertTask(pool, { id: 'T', agent: 'agent_a', startedAt: at('10:00:00') });
    await record(request('r', '10:02:00'));
    expect(await links()).toEqual({ r: 'T time' });
    await insertAgent(pool, { id: 'agent_b', clientSession: 'S' });
    await linkClientSession(pool, 'claude', 'S');
    expect(await links()).toEqual({ r: '- - agent_b' });
  });

  test('rows that arrive after the task has ended', async () => {
    await insertAgent(pool, { id: 'agent_a', clientSession: 'S' });
    await insertTask(pool, {
      id: 'T',
      agent: 'agent_a',
      clientSession: 'S',
      startCall: 'start',
      endCall: 'end',
      startedAt: at('10:01:01'),
      endedAt: at('10:04:01'),
    });
    await record(...HISTORY.slice(0, 2));
    expect(await links()).toMatchObject({ r1: '- - agent_a', r2: 'T call' });
    for (const row of HISTORY.slice(2)) await record(row);
    expect(await links()).toEqual(BY_CALL);
  });

  test('a linked request counts for the project of its task', async () => {
    await insertAgent(pool, { id: 'agent_a', clientSession: 'S', project: 'proj_named' });
    await insertTask(pool, {
      id: 'T',
      agent: 'agent_a',
      project: 'proj_named',
      clientSession: 'S',
      startCall: 'start',
      startedAt: at('10:01:01'),
    });
    await record(...HISTORY);
    const { rows } = await pool.query(
      `SELECT project_id AS project, count(*)::int AS n FROM usage_entries GROUP BY 1 ORDER BY 1`,
    );
    expect(rows).toEqual([
      { project: 'proj_named', n: 7 },
      { project: 'proj_repo', n: 1 },
    ]);
  });
});
