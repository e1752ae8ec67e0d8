import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, test } from 'vitest';
import { fitNotices } from '../../../src/coordination/notices/fit-notices.js';

const at = '2026-11-26T12:00:00.000Z';
const lorem = 'the parser moves to another folder, and everything that imports it has to follow ';
const tokensOf = (notices: object[]) => encode(JSON.stringify({ notices })).length;

function announcement(number: number, message = `${number}: ${lorem}`) {
  return { kind: 'announcement', at, message, data: { announcement_id: `ann_${number}`, from: 'agent_b', files: [] } };
}

const written = {
  kind: 'shell_write',
  at,
  message: `src/a.ts, held by you, changed while bob ran a shell command: ${'x'.repeat(160)}.`,
  data: { files: Array.from({ length: 20 }, (_, n) => `src/components/dashboard/panel-${n}.tsx`), count: 6_000 },
};

test('what fits is shown as it is, in its order', () => {
  const few = [announcement(1), announcement(2)];
  expect(fitNotices(few)).toEqual(few);
  expect(fitNotices([])).toEqual([]);
});

test.each([
  ['a hundred announcements', Array.from({ length: 100 }, (_, n) => announcement(n))],
  ['one long announcement', [announcement(1, lorem.repeat(500))]],
  ['texts of another script', Array.from({ length: 9 }, (_, n) => announcement(n, '長い文章です。'.repeat(300)))],
  ['one word without an end', [announcement(1, 'a7f3'.repeat(20_000))]],
  ['many names', Array.from({ length: 5 }, () => written)],
])('%s: at most 400 tokens', (_name, notices) => {
  const shown = fitNotices(notices);
  expect(tokensOf(shown)).toBeLessThanOrEqual(400);
  expect(shown.length).toBeGreaterThan(0);
  const rest = shown.find(({ kind }) => kind === 'more')?.data.count ?? 0;
  expect(shown.filter(({ kind }) => kind !== 'more').length + Number(rest)).toBe(notices.length);
});

test('the most urgent ones come first into the answer, and the others are counted by kind', () => {
  const lost = { kind: 'lock_lost', at, message: 'Your lock on a.ts has expired.', data: { locks: [] } };
  const shown = fitNotices([...Array.from({ length: 40 }, (_, n) => announcement(n)), written, lost]);
  expect(shown.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['lock_lost', 'shell_write', 'more']));
  expect(shown.at(-1)?.message).toMatch(/^More came than fits: \d+ announcement\. Call timeline/);
});
