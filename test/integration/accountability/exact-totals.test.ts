// Eight writers of the ledger with repeats, better evidence and merges, while workers that move changes into roll-ups are
// killed: at every look all totals agree, and in the end they are the truth.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Pool } from 'pg';
import { describe, expect, test } from 'vitest';
import type { CostTotal } from '../../../src/accountability/costs/cost-types.js';
import { foldSums } from '../../../src/accountability/costs/fold-sums.js';
import { isNamedKey, sumByKey } from '../../../src/accountability/costs/sum-by-key.js';
import { sumByTime } from '../../../src/accountability/costs/sum-by-time.js';
import { priceEntry } from '../../../src/accountability/ledger/price-entry.js';
import { recordUsage } from '../../../src/accountability/ledger/record-usage.js';
import { rollUpChanges } from '../../../src/accountability/ledger/roll-up-changes.js';
import { mergeRecords, resolveEntry } from '../../../src/accountability/merge-records.js';
import { formatDollars, parseDollars } from '../../../src/accountability/money.js';
import { inTransaction } from '../../../src/db/in-transaction.js';
import { createRandom } from '../../support/inputs/canary-secrets.js';
import { insertAgent, insertTask, ledgerContext } from '../../support/ledger/ledger-fixture.js';
import { findDrift } from '../../support/ledger/ledger-sums.js';
import { inBatches, shuffled } from '../../support/ledger/usage-records.js';
import { rowsOfAll, rowsOfWriter } from '../../support/memory/writer-rows.js';
import { openBothDatabases } from '../../support/setup/both-databases.js';
import { buildScript } from '../../support/setup/build-script.js';
import { trialCount } from '../../support/setup/trial.js';

const WRITERS = 8;
/** Entries in all. */
const REQUESTS = { server: trialCount(5_000, 100_000), embedded: trialCount(1_000, 10_000) };

const databases = await openBothDatabases();

/** Agents and tasks that own some of the requests: their dimensions take part. */
async function insertOwners(pool: Pool): Promise<void> {
  for (let index = 0; index < WRITERS; index += 1) {
    const agent = `agent_${index}`;
    await insertAgent(pool, { id: agent, clientSession: `${index}_session-0`, connectedAt: '2026-10-29T00:00:00Z' });
    await insertTask(pool, {
      id: `sess_${index}`,
      agent,
      clientSession: `${index}_session-1`,
      startCall: `call_${index}_7_a`,
      startedAt: '2026-11-01T00:00:00Z',
    });
  }
}

/** Totals by day, agent, task, model, client, session and project, and those of the entries, in one snapshot. */
async function look(pool: Pool): Promise<{ requests: number; costs: string[] }> {
  return await inTransaction(
    pool,
    async (client) => {
      const all = { projectId: null };
      const totals: CostTotal[] = [];
      for (const key of ['day', 'agent', 'task', 'model', 'client', 'session', 'project'] as const) {
        const sums = isNamedKey(key)
          ? await sumByKey(client, key, all)
          : await sumByTime(client, key, all, 'America/New_York');
        totals.push(foldSums(sums).total);
      }
      const { rows } = await client.query<{ requests: number; cost: string }>(
        `SELECT count(*)::integer AS requests, coalesce(sum(cost_usd), 0)::text AS cost FROM usage_entries WHERE counts`,
      );
      expect(new Set(totals.map(({ requests }) => requests))).toEqual(new Set([rows[0]?.requests]));
      expect(new Set(totals.map(({ tokens }) => JSON.stringify(tokens))).size).toBe(1);
      const truth = formatDollars(parseDollars(rows[0]?.cost ?? '0'));
      return { requests: rows[0]?.requests ?? 0, costs: [truth, ...totals.map(({ costUsd }) => costUsd ?? '0')] };
    },
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  );
}

async function expectAgreement(pool: Pool): Promise<number> {
  const { requests, costs } = await look(pool);
  expect(new Set(costs).size, costs.join(' ')).toBe(1);
  return requests;
}

async function expectTruth(pool: Pool, requests: number): Promise<void> {
  const entries = mergeRecords(rowsOfAll(WRITERS, requests / WRITERS)).map(resolveEntry);
  const costs = entries.map((entry) => priceEntry(entry, false, ledgerContext.book).cost_usd);
  const truth = costs.reduce((sum, cost) => sum + (cost === null ? 0n : parseDollars(cost)), 0n);
  const found = await look(pool);
  expect(found.requests).toBe(entries.length);
  expect(new Set(found.costs)).toEqual(new Set([formatDollars(truth)]));
  expect(await findDrift(pool)).toEqual([]);
}

describe('totals of the ledger', () => {
  test('on a server, by processes, of which the roll-up workers are killed', async () => {
    const pool = databases.server;
    await insertOwners(pool);
    const script = await buildScript('ledger/ledger-process.ts');
    const start = (...args: string[]): ChildProcess =>
      spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const share = REQUESTS.server / WRITERS;
    const writers = Array.from({ length: WRITERS }, (_, index) =>
      start('write', databases.serverUrl, String(index), String(WRITERS), String(share)),
    );
    let left = WRITERS;
    const ended = writers.map(async (child) => {
      const [code] = await once(child, 'exit');
      left -= 1;
      return code as number | null;
    });
    const random = createRandom(9);
    let looks = 0;
    let kills = 0;
    while (left > 0) {
      const workers = [start('roll', databases.serverUrl), start('roll', databases.serverUrl)];
      await Promise.all(workers.map(async (worker) => worker.stdout && once(worker.stdout, 'data')));
      for (let round = 0; round < 1 + Math.floor(random() * 4); round += 1) {
        await expectAgreement(pool);
        looks += 1;
      }
      for (const worker of workers) {
        worker.kill('SIGKILL');
        kills += 1;
      }
      await Promise.all(workers.map((worker) => worker.exitCode ?? worker.signalCode ?? once(worker, 'exit')));
    }
    expect(await Promise.all(ended)).toEqual(writers.map(() => 0));
    expect(looks).toBeGreaterThan(2);
    expect(kills).toBeGreaterThan(2);
    const { rows } = await pool.query<{ moved: boolean; agents: number; tasks: number }>(
      `SELECT EXISTS (SELECT 1 FROM usage_rollups) AS moved, count(DISTINCT agent_id)::int AS agents,
         count(DISTINCT session_id)::int AS tasks FROM usage_entries`,
    );
    expect(rows).toEqual([{ moved: true, agents: WRITERS, tasks: WRITERS }]);
    await expectTruth(pool, REQUESTS.server);
    await rollUpChanges(pool);
    await expectTruth(pool, REQUESTS.server);
  });

  test('embedded, by eight writers of one process', async () => {
    const pool = databases.embedded;
    await insertOwners(pool);
    let left = WRITERS;
    const writers = Array.from({ length: WRITERS }, async (_, index) => {
      const random = createRandom(1_000 + index);
      const rows = rowsOfWriter(index, WRITERS, REQUESTS.embedded / WRITERS);
      for (const batch of inBatches(shuffled(rows, random), random, 200)) await recordUsage(pool, ledgerContext, batch);
      left -= 1;
    });
    const worker = (async () => {
      while (left > 0) await rollUpChanges(pool, { limit: 20 });
    })();
    let looks = 0;
    while (left > 0) {
      await expectAgreement(pool);
      looks += 1;
    }
    await Promise.all([...writers, worker]);
    expect(looks).toBeGreaterThan(2);
    await expectTruth(pool, REQUESTS.embedded);
    await rollUpChanges(pool);
    await expectTruth(pool, REQUESTS.embedded);
  });
});
