import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { CostKey } from '../../src/accountability/costs/cost-types.js';
import { showCosts } from '../../src/cli/output/show-costs.js';
import { createPainter, writeStyles } from '../../src/cli/terminal/paint.js';
import type { LedgerAnswer } from '../../src/mcp/admin/ledger-protocol.js';
import { readRepositoryFile } from '../support/setup/repository-files.js';

type Answer = LedgerAnswer<'costs'>;
type Total = Answer['report']['total'];

function total(requests: number, cost: string | null, grades: Total['grades'], unpriced = 0): Total {
  const tokens = {
    input: 1_234,
    output: 56_789,
    reasoning: 5,
    cache_read: 12_345_678,
    cache_write_5m: 90,
    cache_write_1h: 7,
  };
  return { requests, tokens, cost_usd: cost, unpriced, grades };
}

const grade = (requests: number, cost_usd: string | null) => ({ requests, cost_usd });

function answer(change: Partial<Omit<Answer, 'report'>> & { report?: Partial<Answer['report']> } = {}): Answer {
  const { report, ...rest } = change;
  return {
    report: {
      currency: 'USD',
      timezone: 'Europe/Berlin',
      rows: [{ key: '2026-11-26', ...total(2, '12.5', { measured: grade(2, '12.5') }) }],
      total: total(2, '12.5', { measured: grade(2, '12.5') }),
      coverage: { sessions: 1, with_evidence: 1, reported_only: 0, missing: 0 },
      ...report,
    },
    labels: {},
    unpriced_models: [],
    known: 'here',
    ...rest,
  };
}

const plain = createPainter(false);
const show = (
  shown: Answer,
  { by = 'day', width = 80, isWindow = false }: { by?: CostKey; width?: number; isWindow?: boolean } = {},
) => showCosts(shown, { by, width, painter: plain, isWindow });
const all = (shown: Answer, options: Parameters<typeof show>[1] = {}) => show(shown, options).join(' ');

const mixed = answer({
  report: {
    rows: [
      { key: 'claude-opus-4-5', ...total(3, '4.25', { transcript: grade(2, '4'), partial: grade(1, '0.25') }) },
      { key: 'house-model-1', ...total(1_000, null, { reported: grade(1_000, null) }, 1_000) },
      { key: 'gpt-5', ...total(9, '1000.005', { measured: grade(9, '1000.005') }) },
      { key: null, ...total(1, '0.000001', { measured: grade(1, '0.000001') }) },
    ],
    total: total(
      1_013,
      '1004.255001',
      {
        measured: grade(10, '1000.005001'),
        transcript: grade(2, '4'),
        partial: grade(1, '0.25'),
        reported: grade(1_000, null),
      },
      1_000,
    ),
    coverage: { sessions: 7, with_evidence: 4, reported_only: 1, missing: 2 },
  },
  unpriced_models: [{ model: 'house-model-1', requests: 1_000 }],
});

test('what is measured and priced is said without reservation', () => {
  const lines = show(answer());
  expect(lines[1]).toMatch(/^2026-11-26 +2 .* 12\.50 {2}measured$/);
  expect(lines[2]).toMatch(/^total +2 .* 12\.50 {2}measured$/);
  expect(all(answer())).not.toMatch(/≥|least|price/);
});

test('a lower bound is marked and explained, and models without a price are named with what to do', () => {
  const text = all(mixed, { by: 'model' });
  expect(text).toMatch(/total +1,013 .*≥1,004\.26/);
  expect(text).toContain('At least $1,004.26: 2 sessions left no figures; 1,000 requests have no known price;');
  expect(text).toContain(
    'of 1 request only the beginning was seen; 2 requests are known from transcripts, which may miss some.',
  );
  expect(text).toContain('1,000 reports of agents are counted, which nothing confirms.');
  expect(text).toContain('Without a price: house-model-1 (1000).');
  expect(text).toContain('POPSTASH_PRICES and run popstash costs reprice');
  expect(text).toContain("7 sessions: 4 with the client's own figures, 1 by report only, 2 without figures.");
});

test('groups are shown by cost, and each says what is known of it', () => {
  const lines = show(mixed, { by: 'model', width: 200 });
  expect(lines.slice(1, 5).map((line) => line.split(' ')[0])).toEqual([
    'gpt-5',
    'claude-opus-4-5',
    '(no',
    'house-model-1',
  ]);
  expect(lines[1]).toMatch(/ 1,000\.01 {2}measured$/);
  expect(lines[2]).toMatch(/ ≥4\.25 {2}2 transcript, 1 partial$/);
  expect(lines[3]).toMatch(/^\(no model\) .* <0\.01 {2}measured$/);
  expect(lines[4]).toMatch(/ 1,000 +\? {2}reported$/);
});

test('a sum is a lower bound only where something is missing, and is not known where nothing is priced', () => {
  const unpriced = total(1, null, { measured: grade(1, null) }, 1);
  const text = all(answer({ report: { rows: [{ key: '2026-11-26', ...unpriced }], total: unpriced } }));
  expect(text).toContain('The cost is not known: 1 request has no known price.');
  expect(text).not.toContain('$');
});

test('one unpriced request, or a session without figures, makes the sum a lower bound', () => {
  const key = '2026-11-26';
  const partly = total(3, '12.5', { measured: grade(3, '12.5') }, 1);
  const unpriced = show(answer({ report: { rows: [{ key, ...partly }], total: partly } }), { width: 200 });
  expect([unpriced[1], unpriced[2]]).toEqual([expect.stringContaining('≥12.50'), expect.stringContaining('≥12.50')]);
  const coverage = { sessions: 2, with_evidence: 1, reported_only: 0, missing: 1 };
  const missing = show(answer({ report: { coverage } }), { width: 200 });
  expect([missing[1], missing[2]]).toEqual([expect.not.stringContaining('≥'), expect.stringContaining('≥12.50')]);
  expect(missing.join(' ')).toContain('At least $12.50: 1 session left no figures.');
});

describe.each([20, 40, 60, 80, 120, 200])('at %d columns', (width) => {
  test.each(['day', 'model', 'task', 'project'] as const)(
    'no line by %s is longer, and figures stand below each other',
    (by) => {
      const labels = Object.fromEntries(
        mixed.report.rows.map(({ key }) => [key ?? '', '重构锁定模块并修复等待队列 '.repeat(6)]),
      );
      for (const shown of [
        answer(),
        mixed,
        answer({ known: 'nowhere', report: { rows: [], total: total(0, null, {}) } }),
        { ...mixed, labels },
      ]) {
        const lines = show(shown, { by, width });
        // Words, ids and figures are not cut into two.
        for (const line of lines) if (line.includes(' ')) expect(stringWidth(line), line).toBeLessThanOrEqual(width);
        expect(lines.some((line) => /\d\.\d\d|No usage/.test(line))).toBe(true);
      }
    },
  );
});

test('a wide terminal shows every class of tokens, a narrow one what it cost', () => {
  expect(show(mixed, { by: 'model', width: 200 })[0]?.split(/ {2,}/)).toEqual([
    'model',
    'requests',
    'input',
    'cache read',
    'cache write',
    'output',
    'unpriced',
    'USD',
    'known by',
  ]);
  expect(show(mixed, { by: 'model', width: 40 })[0]?.trim().split(/ {2,}/)).toEqual(['model', 'requests', 'USD']);
  expect(show(mixed, { by: 'model', width: 30 })[0]?.trim().split(/ {2,}/)).toEqual(['model', 'USD']);
});

test('ids have their names beside them', () => {
  const agent = 'agent_0123456789abcdef';
  const rows = [{ key: agent, ...total(2, '12.5', { measured: grade(2, '12.5') }) }];
  const shown = answer({ report: { rows }, labels: { [agent]: 'claude\u001b[2J-code' } });
  expect(show(shown, { by: 'agent', width: 200 })[1]).toMatch(/^claude\S*code {2}agent_0123456789abcdef /);
  expect(show(shown, { by: 'agent', width: 200 }).join('')).not.toContain('\u001b');
  const project = answer({
    report: { rows: [{ ...rows[0]!, key: 'proj_1' }] },
    labels: { proj_1: '/home/me/work/.git' },
  });
  expect(show(project, { by: 'project', width: 200 })[1]).toMatch(/^\/home\/me\/work {2}proj_1 /);
});

test('docs/costs.md shows what it would look like', () => {
  const ofTokens = (input: number, output: number) => ({
    tokens: { input, output, reasoning: 0, cache_read: 0, cache_write_5m: 0, cache_write_1h: 0 },
  });
  const opus = {
    ...total(412, '84.13', { measured: grade(401, '82'), transcript: grade(11, '2.13') }),
    ...ofTokens(61_200_000, 301_400),
  };
  const gpt = { ...total(120, '9.7', { transcript: grade(120, '9.7') }), ...ofTokens(8_100_000, 44_000) };
  const both = {
    ...total(532, '93.83', { measured: grade(401, '82'), transcript: grade(131, '11.83') }),
    ...ofTokens(69_300_000, 345_400),
  };
  const coverage = { sessions: 9, with_evidence: 9, reported_only: 0, missing: 0 };
  const rows = [
    { key: 'claude-opus-4-5', ...opus },
    { key: 'gpt-5', ...gpt },
  ];
  const lines = show(answer({ report: { rows, total: both, coverage } }), { by: 'model' });
  const shown = /```console\n.*\n([\s\S]*?)\n```/.exec(readRepositoryFile('docs/costs.md'))?.[1];
  expect(shown?.split('\n')).toEqual(lines);
});

test('without usage it says what to do', () => {
  const nothing = {
    rows: [],
    total: total(0, null, {}),
    coverage: { sessions: 0, with_evidence: 0, reported_only: 0, missing: 0 },
  };
  expect(all(answer({ report: nothing, known: 'nowhere' }))).toContain('popstash costs scan');
  expect(all(answer({ report: nothing, known: 'in-other-projects' }))).toContain('--all-projects');
  expect(all(answer({ report: nothing }), { isWindow: true })).toContain('No usage in this time.');
});

test('colour is of whole lines', () => {
  const written = showCosts(mixed, { by: 'model', width: 80, painter: createPainter(true), isWindow: false });
  const lines = written.map(writeStyles);
  expect([lines[0]?.slice(0, 4), lines[0]?.slice(-5)]).toEqual(['\u001b[2m', '\u001b[22m']);
  expect(lines.filter((line) => line.startsWith('\u001b[1m'))).toHaveLength(1);
  const bare = lines.map(stripVTControlCharacters);
  expect(bare).toEqual(show(mixed, { by: 'model' }));
});
