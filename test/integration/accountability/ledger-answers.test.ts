// What `popstash costs`, `audit`, `reprice`, `rollup` and `timeline` are answered, in both databases.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { recordUsage } from '../../../src/accountability/ledger/record-usage.js';
import { openPrices } from '../../../src/accountability/prices/open-prices.js';
import { createTranscriptReader } from '../../../src/accountability/reader/create-transcript-reader.js';
import { createLedgerServices } from '../../../src/app/create-ledger-services.js';
import { createLogger } from '../../../src/logger.js';
import { ledgerAnswers } from '../../../src/mcp/admin/answer-ledger-requests.js';
import type { LedgerAnswer, LedgerParams, LedgerRequestName } from '../../../src/mcp/admin/ledger-protocol.js';
import { insertAgent, insertTask, ledgerContext } from '../../support/ledger/ledger-fixture.js';
import { type RecordChange, usageRecord } from '../../support/ledger/usage-records.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';
import { createFolder } from '../../support/setup/folders.js';
import { pathIdentities } from '../../support/setup/identities.js';

const databases = await openBothDatabases();
const logger = createLogger('silent', 'test');
const AGENT = 'agent_0000000000000001';

const seen = (id: string, change: RecordChange = {}) =>
  usageRecord({ requestId: id, sessionId: 'S', tokens: { input: 1_000_000 }, ...change });

describe.each(DATABASE_MODES)('%s', (mode) => {
  const pool = databases[mode];
  const project = { id: 'proj_repo' };

  async function open(pricesFile?: string) {
    const book = await openPrices(pricesFile, logger);
    const environment = { home: createFolder('ps-home-'), platform: process.platform, variables: {} };
    const onRecorded = () => undefined;
    const transcripts = createTranscriptReader({
      identities: pathIdentities,
      pool,
      book,
      environment,
      host: 'test',
      logger,
      costDays: 0,
      onRecorded,
    });
    const services = createLedgerServices({ pool, book, timezone: 'Europe/Berlin', transcripts });
    const progress: string[] = [];
    const ask = <Name extends LedgerRequestName>(
      name: Name,
      params: LedgerParams<Name>,
    ): Promise<LedgerAnswer<Name>> => {
      const answer = ledgerAnswers[name] as (context: unknown, request: unknown) => Promise<LedgerAnswer<Name>>;
      return answer(
        { services, project, signal: new AbortController().signal, onProgress: (text: string) => progress.push(text) },
        { params },
      );
    };
    return { ask, progress, services };
  }

  const scope = { allProjects: false, timezone: 'Europe/Berlin' };

  beforeAll(async () => {
    await insertAgent(pool, { id: AGENT, clientSession: 'S', connectedAt: '2026-11-20T09:00:00Z' });
    await insertTask(pool, {
      id: 'sess_1',
      agent: AGENT,
      clientSession: 'S',
      startedAt: '2026-11-20T09:30:00Z',
      endedAt: '2026-11-20T23:45:00Z',
    });
    await recordUsage(pool, ledgerContext, [
      // 23:30 in Berlin, and 00:30 of the next day.
      seen('one', { at: '2026-11-20T22:30:00.000Z' }),
      seen('two', { at: '2026-11-20T23:30:00.000Z' }),
      seen('three', { at: '2026-11-21T12:00:00.000Z', model: 'house-model-1' }),
      seen('four', { at: '2026-11-21T12:00:01.000Z', model: 'house-model-1' }),
      seen('five', { at: '2026-11-21T12:00:02.000Z', model: null }),
      seen('elsewhere', { at: '2026-11-21T12:00:02.000Z', cwd: '/other', sessionId: 'T' }),
    ]);
  });

  test('days are those of who asks, and since is inclusive, until exclusive', async () => {
    const { ask } = await open();
    const days = async (change: object) =>
      (await ask('costs', { by: 'day', ...scope, ...change })).report.rows.map(({ key, requests }) => [key, requests]);
    expect(await days({})).toEqual([
      ['2026-11-20', 1],
      ['2026-11-21', 4],
    ]);
    expect(await days({ timezone: 'UTC' })).toEqual([
      ['2026-11-20', 2],
      ['2026-11-21', 3],
    ]);
    expect(await days({ since: '2026-11-21' })).toEqual([['2026-11-21', 4]]);
    expect(await days({ since: '2026-11-21', timezone: 'UTC' })).toEqual([['2026-11-21', 3]]);
    expect(await days({ until: '2026-11-21' })).toEqual([['2026-11-20', 1]]);
    expect(await days({ since: '2026-11-20T23:30', until: '2026-11-21T00:30' })).toEqual([['2026-11-20', 1]]);
    expect(await days({ since: '2026-11-20T23:30:00Z', until: '2026-11-20T23:30:00.001Z' })).toEqual([
      ['2026-11-21', 1],
    ]);
    expect(await days({ since: '2026-W47', until: '2026-W48' })).toHaveLength(2);
    expect(await days({ since: '2026-12' })).toEqual([]);
    await expect(days({ since: '2026-11-21', until: '2026-11-21' })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    await expect(days({ since: 'soon' })).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(days({ timezone: '+01:00' })).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  test('relative times are by the clock of the database and the midnight of who asks', async () => {
    const { services } = await open();
    const { rows } = await pool.query<{ now: Date; midnight: Date }>(
      `SELECT now(), date_trunc('day', now() AT TIME ZONE 'Asia/Kathmandu') AT TIME ZONE 'Asia/Kathmandu' AS midnight`,
    );
    const at = async (text: string) => (await services.costs.resolveTime(text, 'Asia/Kathmandu')).getTime();
    const midnight = rows[0]?.midnight.getTime() ?? 0;
    // Nepal's clocks never change.
    const DAY = 86_400_000;
    expect([midnight, midnight + DAY]).toContain(await at('today'));
    expect((await at('today')) - (await at('yesterday'))).toBe(DAY);
    expect((await at('today')) - (await at('2w'))).toBe(14 * DAY);
    expect(Math.abs((await at('90min')) - (rows[0]?.now.getTime() ?? 0) + 90 * 60_000)).toBeLessThan(60_000);
  });

  test('keys have names, models without a price are named, and an empty answer says where there is usage', async () => {
    const { ask } = await open();
    const agents = await ask('costs', { by: 'agent', ...scope });
    expect(agents.labels).toEqual({ [AGENT]: 'agent' });
    expect((await ask('costs', { by: 'task', ...scope })).labels).toEqual({ sess_1: 'a task' });
    const projects = await ask('costs', { by: 'project', ...scope, allProjects: true });
    expect(projects.labels).toMatchObject({ proj_repo: 'proj_repo' });
    expect(agents.unpriced_models).toEqual([
      { model: 'house-model-1', requests: 2 },
      { model: null, requests: 1 },
    ]);
    expect((await ask('costs', { by: 'day', ...scope, until: '2026-11-21' })).unpriced_models).toEqual([]);
    expect(agents.known).toBe('here');
    expect((await ask('costs', { by: 'day', ...scope, since: '2027-01-01' })).known).toBe('here');
    project.id = 'proj_none';
    try {
      expect((await ask('costs', { by: 'day', ...scope })).known).toBe('in-other-projects');
    } finally {
      project.id = 'proj_repo';
    }
  });

  test('an audit names sessions, and pages name where the next one begins', async () => {
    const { ask } = await open();
    const audit = await ask('audit', scope);
    expect(audit).toMatchObject({
      sessions: [{ client: 'claude', client_session: 'S', transcript_only: 5, both: 0 }],
      has_more: false,
      coverage: { sessions: 1, with_evidence: 1 },
    });
    expect((await ask('audit', { ...scope, allProjects: true })).sessions).toHaveLength(2);
    await recordUsage(pool, ledgerContext, [
      seen('one', {
        at: '2026-11-20T22:30:00.000Z',
        witness: 'telemetry',
        grade: 'measured',
        cwd: null,
        tokens: { input: 7 },
      }),
      seen('hidden', { at: '2026-11-20T22:31:00.000Z', witness: 'telemetry', grade: 'measured', cwd: null }),
    ]);
    const { differences } = await ask('auditDifferences', { ...scope, limit: 10 });
    expect(differences).toMatchObject([
      { keys: ['request:one'], fields: [{ name: 'input', telemetry: '7', transcript: '1000000' }] },
    ]);
    const first = await ask('auditUnconfirmed', { ...scope, limit: 4 });
    expect(first.next).toMatch(/^\d+$/);
    const rest = await ask('auditUnconfirmed', { ...scope, limit: 4, after: first.next ?? undefined });
    expect(rest.next).toBeNull();
    const ids = [...first.requests, ...rest.requests].map(({ keys, seen_by }) => `${keys[0]} ${seen_by}`);
    expect(ids.sort()).toEqual([
      'request:five transcript',
      'request:four transcript',
      'request:hidden telemetry',
      'request:three transcript',
      'request:two transcript',
    ]);
  });

  test('repricing reads the price file again, exactly, and refuses one with faults', async () => {
    const file = join(createFolder('ps-prices-'), 'prices.json');
    const write = (input: string) =>
      writeFileSync(
        file,
        JSON.stringify({ version: 1, models: [{ match: 'house-*', per_mtok: { input, output: '1' } }] }),
      );
    write('0.1');
    const { ask, progress } = await open(file);
    const house = async () => {
      const { report } = await ask('costs', { by: 'model', ...scope });
      return report.rows.find(({ key }) => key === 'house-model-1')?.cost_usd;
    };
    expect(await house()).toBeNull();
    expect(await ask('reprice', { all: false })).toMatchObject({ changed: 2, prices_file: file });
    expect(progress.at(-1)).toMatch(/requests checked/);
    expect(await house()).toBe('0.2');
    // More digits than a floating-point number has.
    write('1234567890.123456789012');
    expect(await ask('reprice', { all: false })).toMatchObject({ changed: 2 });
    expect(await house()).toBe('2469135780.246913578024');
    writeFileSync(file, '{');
    await expect(ask('reprice', { all: false })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(file),
    });
    expect(await house()).toBe('2469135780.246913578024');
    write('0.1');
    await ask('reprice', { all: true });
  });

  test('sums that were changed by hand are corrected', async () => {
    const { ask } = await open();
    await ask('rollUp', { rebuild: false });
    expect(await ask('rollUp', { rebuild: true })).toEqual({ moved: 0, corrected: 0 });
    const total = async () => (await ask('costs', { by: 'project', ...scope })).report.total;
    const right = await total();
    await pool.query('UPDATE usage_totals SET cost_usd = cost_usd + 1');
    expect((await total()).cost_usd).not.toBe(right.cost_usd);
    const { corrected } = await ask('rollUp', { rebuild: true });
    expect(corrected).toBeGreaterThan(0);
    expect(await total()).toEqual(right);
  });

  test('the timeline begins at the local day of who asks', async () => {
    const { ask } = await open();
    await pool.query('DELETE FROM activities');
    await pool.query(
      `INSERT INTO activities (project_id, agent_id, type, subject, created_at) VALUES
         ('proj_repo', $1, 'decision', 'before', '2026-11-20T22:59:59Z'), ('proj_repo', $1, 'decision', 'after', '2026-11-20T23:00:00Z')`,
      [AGENT],
    );
    const since = async (text: string, timezone: string) => {
      const page = await ask('timeline', { since: text, timezone, limit: 10 });
      return page.activities.map(({ description }) => description);
    };
    expect(await since('2026-11-21', 'Europe/Berlin')).toEqual(['Decided: after']);
    expect(await since('2026-11-21', 'UTC')).toEqual([]);
    expect(await since('2026-11-20T22:59:59Z', 'UTC')).toEqual(['Decided: after', 'Decided: before']);
    const { activities } = await ask('timeline', { timezone: 'UTC', limit: 1 });
    expect((await ask('timelineAfter', { afterId: '0', limit: 10 })).activities).toHaveLength(2);
    expect((await ask('timelineAfter', { afterId: activities[0]?.id ?? '', limit: 10 })).activities).toEqual([]);
  });
});
