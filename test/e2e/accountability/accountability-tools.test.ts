// report_cost, timeline and session_summary through a real client, in both modes.
import { beforeAll, describe, expect, test } from 'vitest';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { runCommand } from '../../support/processes/processes.js';
import { createTestDatabase } from '../../support/setup/database.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createFolder } from '../../support/setup/folders.js';
import { testServices } from '../../support/setup/services.js';

interface Report {
  session_total: { tokens_in: number; tokens_out: number; cost_usd: number | null; unpriced?: number };
  today_total: { tokens_in: number; cost_usd: number | null };
  this_week: { cost_usd: number | null };
  grade: string | null;
  hint?: string;
}

interface Page {
  activities: { type: string; agent: string; description: string }[];
  next_cursor?: string;
}

const SONNET = 'claude-3-5-sonnet';

describe.each(['server', 'embedded'] as const)('%s mode', (mode) => {
  let env: EnvironmentChange = {};

  beforeAll(async () => {
    if (mode === 'embedded') return;
    const { url } = await createTestDatabase();
    env = { DATABASE_URL: url, REDIS_URL: testServices().redisUrl };
  });

  /** A client in a project of its own. */
  const connect = (cwd = createFolder('ps-costs-')): Promise<TestClient> => connectClient({ env, cwd });

  test('reports of a task add up, and the figures of end_task replace them', async () => {
    const client = await connect();
    await client.call('report_cost', { tokens_in: 1_000, tokens_out: 0, model: SONNET });
    const { session_id } = await client.call<{ session_id: string }>('start_task', { task: 'Count', files: ['a.ts'] });
    await client.call('report_cost', { tokens_in: 1_000, tokens_out: 100, model: SONNET });
    const second = await client.call<Report>('report_cost', {
      tokens_in: 1_000,
      tokens_out: 100,
      cache_read_tokens: 10_000,
      model: SONNET,
    });
    // $3 and $15 a million, $0.30 for cached ones.
    expect(second.session_total).toEqual({ tokens_in: 12_000, tokens_out: 200, cost_usd: 0.012 });
    expect(second.today_total).toMatchObject({ tokens_in: 13_000, cost_usd: 0.015 });
    expect(second).toMatchObject({ this_week: { cost_usd: 0.015 }, grade: 'reported' });
    const ended = await client.call('end_task', { summary: 'ok', tokens_in: 10_000, tokens_out: 0, model: SONNET });
    expect(ended.cost_usd).toBe(0.03);
    const summary = await client.call('session_summary', { session_id });
    expect(summary).toMatchObject({
      tokens: { tokens_in: 10_000, tokens_out: 0 },
      cost_usd: 0.03,
      status: 'completed',
    });
  });

  test('end_task without figures answers what was reported', async () => {
    const client = await connect();
    await client.call('start_task', { task: 'Count', files: [] });
    await client.call('report_cost', { tokens_in: 1_000, tokens_out: 0, model: SONNET });
    expect(await client.call('end_task', { summary: 'ok' })).toMatchObject({ cost_usd: 0.003 });
  });

  test('a model without a price costs null and says how to price it; a stated cost is taken', async () => {
    const client = await connect();
    const unknown = await client.call<Report>('report_cost', { tokens_in: 5, tokens_out: 5, model: 'house-1' });
    expect(unknown.session_total).toEqual({ tokens_in: 5, tokens_out: 5, cost_usd: null, unpriced: 1 });
    expect(unknown.hint).toContain('POPSTASH_PRICES');
    const stated = await client.call<Report>('report_cost', {
      tokens_in: 5,
      tokens_out: 5,
      model: 'house-1',
      cost_usd: 0.5,
    });
    expect(stated).toMatchObject({ session_total: { cost_usd: 0.5, unpriced: 1 } });
    expect(stated).not.toHaveProperty('hint');
  });

  test('the timeline goes page by page, by agent, by type and from a time on', async () => {
    const cwd = createFolder('ps-costs-');
    const [one, two] = [await connect(cwd), await connect(cwd)];
    for (const name of ['a', 'b', 'c']) await one.call('stash', { name, summary: `State of ${name}.` });
    await two.call('stash', { name: 'd', summary: 'State of d.' });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await one.call<Page>('timeline', { limit: 2, type: 'stash', ...(cursor && { cursor }) });
      expect(page.activities.length).toBeLessThanOrEqual(2);
      seen.push(...page.activities.map(({ description }) => description));
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(['Stashed: d', 'Stashed: c', 'Stashed: b', 'Stashed: a']);
    const { agent_id } = await two.call<{ agent_id: string }>('ping');
    const own = await one.call<Page>('timeline', { agent_id });
    expect(own.activities.map(({ type }) => type)).toEqual(['stash', 'agent_connected']);
    const past = await one.call<Page>('timeline', { since: '2020-01-01', type: 'stash' });
    expect(past.activities).toHaveLength(4);
    expect(await one.call<Page>('timeline', { since: '2200-01-01T00:00:00Z' })).toEqual({ activities: [] });
    await expect(one.call('timeline', { since: 'someday' })).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(one.call('timeline', { cursor: 'x' })).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  test('session_summary lists what a task locked and saved, to its project only', async () => {
    const cwd = createFolder('ps-costs-');
    const [client, another] = [await connect(cwd), await connect(cwd)];
    const { session_id } = await client.call<{ session_id: string }>('start_task', {
      task: 'Note it',
      files: ['b.ts'],
    });
    await client.call('decide', { topic: 'store', decision: 'Use PostgreSQL.' });
    await client.call('insight', { key: 'api', content: 'The API is versioned.' });
    await client.call('stash', { name: 'wip', summary: 'Half done.' });
    const expected = {
      session_id,
      task: 'Note it',
      status: 'active',
      ended_at: null,
      files_touched: ['b.ts'],
      files_locked: ['b.ts'],
      decisions: [{ topic: 'store', decision: 'Use PostgreSQL.' }],
      insights: [{ key: 'api' }],
      stashes: [{ name: 'wip' }],
      cost_usd: null,
      grade: null,
    };
    expect(await client.call('session_summary')).toMatchObject(expected);
    expect(await another.call('session_summary', { session_id })).toMatchObject(expected);
    await expect((await connect()).call('session_summary', { session_id })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(another.call('session_summary')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('popstash costs splits the project by model, and by day in a time zone', async () => {
    const cwd = createFolder('ps-costs-');
    const client = await connect(cwd);
    await client.call('report_cost', { tokens_in: 1_000_000, tokens_out: 0, model: SONNET });
    await client.call('report_cost', { tokens_in: 7, tokens_out: 1, model: 'house-1' });
    const costs = (...args: string[]) => runCommand(['costs', ...args], { env, cwd });
    const { rows, total, timezone } = JSON.parse((await costs('--by', 'model', '--json')).stdout);
    expect(timezone).toBeTruthy();
    expect(rows).toMatchObject([
      { key: SONNET, requests: 1, cost_usd: '3', unpriced: 0 },
      { key: 'house-1', requests: 1, cost_usd: null, unpriced: 1 },
    ]);
    expect(total).toMatchObject({ requests: 2, cost_usd: '3', grades: { reported: { requests: 2 } } });
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Kathmandu' }).format(new Date());
    const local = ['--timezone', 'Asia/Kathmandu', '--since', day, '--json'];
    expect(JSON.parse((await costs(...local)).stdout).total.requests).toBe(2);
    const text = (await costs('--by', 'model')).stdout;
    expect(text).toMatch(/^total +2 +1,000,007 +0 +0 +1 +1 +≥3\.00 +reported$/m);
    expect((await costs('--since', 'someday')).code).not.toBe(0);
  });
});
