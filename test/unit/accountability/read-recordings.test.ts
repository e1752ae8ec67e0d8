import { mkdtempSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claude } from '../../../src/accountability/clients/claude.js';
import { cline } from '../../../src/accountability/clients/cline.js';
import { readTask } from '../../../src/accountability/clients/cline-tasks.js';
import { codex } from '../../../src/accountability/clients/codex.js';
import { gemini } from '../../../src/accountability/clients/gemini.js';
import { opencode } from '../../../src/accountability/clients/opencode.js';
import { mergeRecords, type ResolvedEntry, resolveEntry } from '../../../src/accountability/merge-records.js';
import { formatDollars } from '../../../src/accountability/money.js';
import { openPriceBook } from '../../../src/accountability/prices/price-book.js';
import { priceRequest } from '../../../src/accountability/prices/price-request.js';
import type { UsageRecord } from '../../../src/accountability/usage.js';
import { hasSqlite, runSql } from '../../support/ledger/client-histories/play-history.js';
import { environmentOf, readAll } from '../../support/ledger/client-histories/read-all.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/transcripts');

const book = openPriceBook();

function entriesOf(records: UsageRecord[]): ResolvedEntry[] {
  return mergeRecords(records)
    .map(resolveEntry)
    .sort((a, b) => (a.at < b.at ? -1 : 1));
}

function costOf(entries: ResolvedEntry[]): string {
  return formatDollars(entries.reduce((sum, entry) => sum + (priceRequest(entry, book).cost ?? 0n), 0n));
}

describe('the recording of Claude Code', () => {
  const environment = environmentOf('/nowhere', { CLAUDE_CONFIG_DIR: join(FIXTURES, 'claude') });

  it("costs what the client's own account says: sub-agent and resumed turn once, the fork's copy not again", async () => {
    const { records, badRows } = await readAll(claude, environment);
    const entries = entriesOf(records);
    expect(badRows).toBe(0);
    expect(entries).toHaveLength(8);
    // total_cost_usd of the three runs: 0.02003, then 0.02147 when resumed, 0.02299 when forked.
    expect(costOf(entries)).toBe('0.02299');
    const total = (key: keyof ResolvedEntry['tokens']) => entries.reduce((sum, { tokens }) => sum + tokens[key], 0);
    expect([total('input'), total('output'), total('cacheRead'), total('cacheWrite5m'), total('cacheWrite1h')]).toEqual(
      [818, 203, 9900, 300, 700],
    );
  });

  it('tells session, sub-agent, tool calls, folder and branch', async () => {
    const { records } = await readAll(claude, environment);
    const entries = entriesOf(records);
    expect(entries.filter(({ agentId }) => agentId === 'a2504fcb2e88e8179')).toHaveLength(2);
    expect(entries[0]).toMatchObject({
      client: 'claude',
      provider: 'anthropic',
      model: 'claude-opus-4-5',
      cwd: '/home/dev/shop',
      gitBranch: 'master',
      clientVersion: '2.1.328',
      grade: 'transcript',
      toolUseIds: ['toolu_1_0mwxnnozb'],
    });
    expect(entries.every(({ serviceTier, speed }) => serviceTier === 'standard' && speed === 'standard')).toBe(true);
  });
});

describe('the files of one session of Claude Code', () => {
  it("are found by the main one's path: it and its sub-agents'", async () => {
    const path = join(FIXTURES, 'claude/projects/-home-dev-shop/4d1e3657-7897-4b02-b80c-fd99d8dff335.jsonl');
    const files = await claude.listSessionFiles?.(path);
    expect(files?.map((file) => file.path.slice(path.length - 6))).toEqual([
      '.jsonl',
      '/subagents/agent-a2504fcb2e88e8179.jsonl',
    ]);
    expect(await claude.listSessionFiles?.('/nowhere/x.jsonl')).toHaveLength(1);
  });
});

describe('the recording of Codex', () => {
  it('counts each response once: of the thread, its resumed turn, its spawned agent and its fork', async () => {
    const { records, badRows } = await readAll(
      codex,
      environmentOf('/nowhere', { CODEX_HOME: join(FIXTURES, 'codex') }),
    );
    const entries = entriesOf(records);
    expect(badRows).toBe(0);
    expect(entries.map(({ tokens }) => [tokens.input, tokens.output, tokens.reasoning, tokens.cacheRead])).toEqual([
      [200, 45, 20, 1000],
      [200, 12, 0, 1200],
      [200, 31, 0, 1300],
      [200, 45, 20, 1000],
      [300, 17, 0, 1300],
      [400, 18, 0, 1300],
    ]);
    const [root, fork] = ['01a21837-3eda-70d2-8a46-1d6d8fb7f0d4', '01a21837-4e6a-7ea1-960a-85c11ee2f11e'];
    expect(entries.map(({ sessionId }) => sessionId)).toEqual([root, root, root, root, root, fork]);
    expect(entries[3]).toMatchObject({ agentId: '01a21837-40fe-7e21-8505-89021f62f1aa', isSidechain: true });
    expect(entries[5]).toMatchObject({ parentSessionId: root, cwd: '/home/dev/shop', clientVersion: '0.171.0' });
    expect(entries[0]).toMatchObject({ model: 'gpt-5.4', provider: 'local', toolUseIds: ['call_0_resp_1mwxmysly'] });
    expect(entries[0]?.keys).toContain('request:resp_1mwxmysly');
    // The provider was a stand-in of the recording: its prices are nobody's.
    expect(priceRequest(entries[0] as ResolvedEntry, book).reason).toBe('unknown-model');
  });
});

describe('rollouts of Codex before it told each response', () => {
  it('counts a response when the running total moves, and nothing of what a fork copied', async () => {
    const home = join(FIXTURES, 'codex-0.40');
    const { records, badRows } = await readAll(codex, environmentOf('/nowhere', { CODEX_HOME: home }));
    const entries = entriesOf(records);
    expect(badRows).toBe(0);
    expect(entries.map(({ tokens }) => [tokens.input, tokens.output, tokens.reasoning, tokens.cacheRead])).toEqual([
      [2000, 200, 64, 3000],
      [1000, 300, 64, 5000],
      [1000, 400, 128, 6000],
    ]);
    expect(entries[0]).toMatchObject({ gitBranch: 'main', provider: 'openai', toolUseIds: ['call_1'] });
    expect(entries[2]?.parentSessionId).toBe(entries[0]?.sessionId);
    expect(costOf(entries)).toBe('0.01575');
  });
});

describe('the recording of Gemini CLI', () => {
  it('counts each answer once, thoughts as output, with what was cached apart', async () => {
    const { records, badRows } = await readAll(gemini, environmentOf(join(FIXTURES, 'gemini')));
    const entries = entriesOf(records);
    expect(badRows).toBe(0);
    expect(entries.map(({ tokens }) => [tokens.input, tokens.output, tokens.reasoning, tokens.cacheRead])).toEqual([
      [2010, 150, 50, 0],
      [200, 65, 25, 1000],
      [300, 17, 5, 1100],
    ]);
    expect(entries[1]).toMatchObject({
      cwd: '/home/dev/shop',
      sessionId: '06c0c792-2591-4e29-878f-4c672ebf7aa7',
      toolUseIds: ['list_directory__list_directory_1795704122913_0'],
    });
    expect(costOf(entries.slice(1))).toBe('0.000418');
  });
});

describe('the recording of Cline', () => {
  it("costs what the client's own account says, on the command line and in the extension", async () => {
    const { records, badRows } = await readAll(cline, environmentOf(join(FIXTURES, 'cline')));
    const entries = entriesOf(records);
    expect(badRows).toBe(0);
    const ofSession = entries.filter(({ sessionId }) => sessionId === '1795704233677_pejj3');
    expect(ofSession).toHaveLength(2);
    expect(costOf(ofSession)).toBe('0.00535');
    expect(ofSession[0]).toMatchObject({
      tokens: { input: 120, cacheRead: 1000, cacheWrite5m: 300 },
      cwd: '/home/dev/shop',
      toolUseIds: ['toolu_1_0mwxnxrsn'],
    });
    const ofTask = entries.filter(({ sessionId }) => sessionId === '1795600000000');
    expect(ofTask.map(({ model, clientCost }) => [model, clientCost])).toEqual([
      ['claude-opus-4-5-20251101', '0.0041'],
      [null, '0.00525'],
      ['claude-opus-4-5-20251101', '0.00125'],
    ]);
    expect(costOf(ofTask)).toBe('0.0106');
    expect(ofTask[0]?.cwd).toBe('/home/dev/shop');
  });

  it('counts deleted requests once: those that were read before, and only the rest of their sum', () => {
    const file = { path: '/tasks/7/ui_messages.json', bornAt: null, cwd: null };
    const request = (ts: number, tokensIn: number, say = 'api_req_started') => ({
      ts,
      type: 'say',
      say,
      text: JSON.stringify({ tokensIn, tokensOut: 1, cacheWrites: 0, cacheReads: 0, cost: 0.1 }),
    });
    const first = readTask([request(1, 10), request(2, 20)], null, file);
    // A third request was made and deleted with the second before anybody read it.
    const second = readTask(
      [request(1, 10), { ...request(4, 50, 'deleted_api_reqs') }, request(5, 5)],
      first.saved,
      file,
    );
    const third = readTask([request(1, 10), { ...request(9, 55, 'deleted_api_reqs') }], second.saved, file);
    // Again one that nobody saw, deleted with the sum so far.
    const fourth = readTask([request(1, 10), { ...request(12, 75, 'deleted_api_reqs') }], third.saved, file);
    const inputs = [first, second, third, fourth].map(({ records }) => records.map(({ tokens }) => tokens.input));
    expect(inputs).toEqual([[10, 20], [30, 5], [], [20]]);
  });
});

describe('the recording of opencode', () => {
  it('costs what the client itself says, or is said not to be readable by this Node', async () => {
    const home = mkdtempSync(join(tmpdir(), 'popstash-opencode-'));
    const path = join(home, '.local', 'share', 'opencode', 'opencode.db');
    await mkdir(dirname(path), { recursive: true });
    const isReadable = await hasSqlite();
    if (isReadable) await runSql(path, readFileSync(join(FIXTURES, 'opencode/opencode.sql'), 'utf8'));
    else await writeFile(path, '');
    const reading = await readAll(opencode, environmentOf(home));
    if (!isReadable) {
      expect(reading.notRead).toEqual([`not read: needs Node 22.13 or later, this is ${process.version}`]);
      expect(reading.records).toEqual([]);
      return;
    }
    const entries = entriesOf(reading.records);
    expect(entries).toHaveLength(2);
    expect(entries.map(({ clientCost }) => clientCost)).toEqual(['0.0041', '0.00125']);
    expect(costOf(entries)).toBe('0.00535');
    expect(entries[0]).toMatchObject({
      toolUseIds: ['toolu_2_0mwxn0nnz'],
      cwd: '/home/dev/shop',
      clientVersion: '1.18.33',
    });
  });
});
