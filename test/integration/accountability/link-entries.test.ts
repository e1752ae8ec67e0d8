import { beforeEach, describe, expect, test } from 'vitest';
import { identifyTask, linkClientSession } from '../../../src/accountability/ledger/identify-task.js';
import { recordUsage } from '../../../src/accountability/ledger/record-usage.js';
import type { UsageRecord } from '../../../src/accountability/usage.js';
import { createRandom } from '../../support/inputs/canary-secrets.js';
import { emptyLedger, insertAgent, insertTask, ledgerContext } from '../../support/ledger/ledger-fixture.js';
import { at, readLinks, request } from '../../support/ledger/linked-requests.js';
import { inBatches, shuffled } from '../../support/ledger/usage-records.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';

const databases = await openBothDatabases();

describe.each(DATABASE_MODES)('links of requests, %s', (mode) => {
  const pool = databases[mode];

  beforeEach(() => emptyLedger(pool));

  const record = (...rows: UsageRecord[]) => recordUsage(pool, ledgerContext, rows);

  const links = () => readLinks(pool);

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
