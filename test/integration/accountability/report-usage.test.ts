import { beforeEach, describe, expect, test } from 'vitest';
import { createCostsService } from '../../../src/accountability/costs/costs-service.js';
import { identifyTask } from '../../../src/accountability/ledger/identify-task.js';
import { recordUsage } from '../../../src/accountability/ledger/record-usage.js';
import { reportUsage, type UsageReport } from '../../../src/accountability/ledger/report-usage.js';
import { rollUpChanges } from '../../../src/accountability/ledger/roll-up-changes.js';
import { emptyLedger, insertAgent, insertTask, ledgerContext } from '../../support/ledger/ledger-fixture.js';
import { findDrift } from '../../support/ledger/ledger-sums.js';
import { usageRecord } from '../../support/ledger/usage-records.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';

const databases = await openBothDatabases();

describe.each(DATABASE_MODES)('reports of agents, %s', (mode) => {
  const pool = databases[mode];
  const costs = createCostsService({ pool, timezone: 'UTC' });
  let serial = 0;

  beforeEach(async () => {
    await emptyLedger(pool);
    await insertAgent(pool, { id: 'agent_a', clientSession: 'S' });
    await insertTask(pool, {
      id: 'T',
      agent: 'agent_a',
      clientSession: 'S',
      startCall: 'start',
      startedAt: '2026-11-20T10:00:01Z',
    });
  });

  function report(change: Partial<UsageReport> = {}) {
    serial += 1;
    return reportUsage(pool, ledgerContext.book, {
      id: `report-${serial}`,
      projectId: 'proj_repo',
      agentId: 'agent_a',
      taskId: 'T',
      client: 'claude',
      clientSession: 'S',
      model: 'claude-opus-4-5',
      tokens: { input: 100_000, output: 1_000 },
      costUsd: null,
      isFinal: false,
      ...change,
    });
  }

  /** Dollars of the task, and requests by grade. */
  async function taskTotal(): Promise<{ cost: string | null; grades: Record<string, number> }> {
    expect(await findDrift(pool)).toEqual([]);
    const total = await costs.total({ projectId: null, taskId: 'T' });
    const grades = Object.entries(total.grades).map(([grade, sum]) => [grade, sum.requests]);
    return { cost: total.costUsd, grades: Object.fromEntries(grades) };
  }

  const evidence = (id: string, time: string, toolUseIds: string[] = []) =>
    recordUsage(pool, ledgerContext, [
      usageRecord({
        requestId: id,
        sessionId: 'S',
        at: `2026-11-20T${time}.000Z`,
        toolUseIds,
        tokens: { output: 40_000 },
      }),
    ]);

  test('each report adds to the task, once', async () => {
    expect(await report({ id: 'one' })).toMatchObject({ cost_usd: '0.525000000000', counts: true });
    await report({ id: 'one' });
    await report();
    expect(await taskTotal()).toEqual({ cost: '1.05', grades: { reported: 2 } });
  });

  test('the figures of end_task replace those of the task before, and later ones are added', async () => {
    await report();
    await report();
    await report({ isFinal: true, tokens: { input: 200_000 } });
    expect(await taskTotal()).toEqual({ cost: '1', grades: { reported: 1 } });
    await report({ tokens: { input: 20_000 } });
    expect(await taskTotal()).toEqual({ cost: '1.1', grades: { reported: 2 } });
  });

  test('a stated cost is kept as it is stated; a model without a price costs null, not zero', async () => {
    expect(await report({ costUsd: '3.5' })).toMatchObject({ cost_usd: '3.500000000000', price_version: 'client' });
    expect(await report({ model: 'nobody-knows-1' })).toMatchObject({
      cost_usd: null,
      unpriced_reason: 'unknown-model',
    });
    const total = await costs.total({ projectId: null, taskId: 'T' });
    expect(total).toMatchObject({ requests: 2, unpriced: 1, costUsd: '3.5' });
  });

  test('evidence that arrives later takes their place, exactly, in roll-ups too', async () => {
    await report({ costUsd: '1000000' });
    await rollUpChanges(pool);
    await evidence('r1', '10:00:00', ['start']);
    expect(await taskTotal()).toEqual({ cost: '1', grades: { transcript: 1 } });
    expect(await report({ costUsd: '77' })).toMatchObject({ counts: false });
    await rollUpChanges(pool);
    expect(await taskTotal()).toEqual({ cost: '1', grades: { transcript: 1 } });
  });

  test('evidence that turns out to be of another task gives the word back to the agent', async () => {
    await pool.query(`UPDATE sessions SET start_call_id = NULL WHERE id = 'T'`);
    await evidence('r1', '10:30:00');
    await report({ costUsd: '5' });
    expect(await taskTotal()).toEqual({ cost: '1', grades: { transcript: 1 } });
    await pool.query(`UPDATE sessions SET ended_at = '2026-11-20T10:20:00Z', status = 'completed' WHERE id = 'T'`);
    await identifyTask(pool, { taskId: 'T' });
    expect(await taskTotal()).toEqual({ cost: '5', grades: { reported: 1 } });
  });

  test('outside a task, the agent has no other requests outside its tasks', async () => {
    await report({ taskId: null, costUsd: '2' });
    const ofAgent = () => costs.total({ projectId: null, agentId: 'agent_a' });
    expect(await ofAgent()).toMatchObject({ costUsd: '2' });
    // One of its task says nothing about the rest.
    await evidence('r1', '10:00:00', ['start']);
    expect(await ofAgent()).toMatchObject({ costUsd: '3' });
    await evidence('r0', '09:30:00');
    expect(await ofAgent()).toMatchObject({ costUsd: '2', grades: { transcript: { requests: 2 } } });
    expect(await findDrift(pool)).toEqual([]);
  });

  test('reports and evidence at the same moment never both count', async () => {
    for (let round = 0; round < 15; round += 1) {
      await emptyLedger(pool);
      await insertAgent(pool, { id: 'agent_a', clientSession: 'S' });
      await insertTask(pool, {
        id: 'T',
        agent: 'agent_a',
        clientSession: 'S',
        startCall: 'start',
        startedAt: '2026-11-20T10:00:01Z',
      });
      await Promise.all([
        report({ costUsd: '50' }),
        evidence('r1', '10:00:00', ['start']),
        report({ costUsd: '60', isFinal: true }),
        evidence('r2', '10:02:00'),
        report({ costUsd: '70' }),
      ]);
      expect(await taskTotal()).toEqual({ cost: '2', grades: { transcript: 2 } });
    }
  });

  test('what a session cost is known, only reported, or missing', async () => {
    for (const [id, session] of [
      ['agent_b', 'S-b'],
      ['agent_c', null],
      ['agent_d', null],
    ] as const) {
      await insertAgent(pool, { id, clientSession: session, worktree: `/${id}` });
      await insertTask(pool, { id: `T_${id}`, agent: id, clientSession: session, startedAt: '2026-11-20T11:00:00Z' });
    }
    const coverage = async () => (await costs.report({ by: 'task', projectId: 'proj_repo' })).coverage;
    expect(await coverage()).toEqual({ sessions: 4, withEvidence: 0, reportedOnly: 0, missing: 4 });
    await report({ agentId: 'agent_b', taskId: 'T_agent_b', clientSession: 'S-b' });
    await report({ agentId: 'agent_c', taskId: 'T_agent_c', clientSession: null });
    await report();
    expect(await coverage()).toEqual({ sessions: 4, withEvidence: 0, reportedOnly: 3, missing: 1 });
    await evidence('r1', '10:00:00', ['start']);
    expect(await coverage()).toEqual({ sessions: 4, withEvidence: 1, reportedOnly: 2, missing: 1 });
    // Of the last one, which names no session, by time: that session is one of the client's.
    await recordUsage(pool, ledgerContext, [
      usageRecord({ requestId: 'd', sessionId: 'S-d', cwd: '/agent_d', at: '2026-11-20T11:10:00.000Z' }),
    ]);
    await pool.query(`UPDATE usage_entries SET project_id = 'proj_repo'`);
    expect(await coverage()).toEqual({ sessions: 4, withEvidence: 2, reportedOnly: 2, missing: 0 });
  });

  test('the summary adds the task, the day and the week of the project', async () => {
    await report({ costUsd: '0.25' });
    await report({ costUsd: '0.5', taskId: null, agentId: 'agent_z' });
    await recordUsage(pool, ledgerContext, [
      usageRecord({ requestId: 'old', sessionId: 'old', at: '2024-01-01T10:00:00.000Z', tokens: { output: 40_000 } }),
    ]);
    const { task, today, thisWeek } = await costs.summarize({
      projectId: 'proj_repo',
      agentId: 'agent_a',
      sessionId: 'T',
    });
    expect([task.costUsd, today.costUsd, thisWeek.costUsd]).toEqual(['0.25', '0.75', '0.75']);
  });
});
