import { expect, test } from 'vitest';
import { findPassage } from '../../../src/memory/excerpts/find-passage.js';
import { joinPassage, joinWhole } from '../../../src/memory/excerpts/join-passage.js';
import { parseQueryRoots } from '../../../src/memory/excerpts/query-roots.js';
import { estimateTokens } from '../../../src/text/estimate-tokens.js';

/** Sentences that have nothing to do with any question below, but for common words. */
const filler = (count: number, from = 0) =>
  Array.from(
    { length: count },
    (_, i) =>
      `Meeting ${i + from}: the team looked at the roadmap and moved ticket ${1000 + i + from} to the next week.`,
  ).join(' ');

const around = (sentence: string, before: number, after: number) =>
  `${filler(before)} ${sentence} ${filler(after, before)}`;

const memory = (content: string, reasoning: string | null = null) => ({ label: 'notes', content, reasoning });

const QUESTIONS: [what: string, sentence: string, query: string][] = [
  ['a sentence in the same words', 'Refresh tokens live for nine days.', 'how long do refresh tokens live?'],
  ['other endings', 'The session expires after nine idle minutes.', 'expiry of sessions'],
  ['a number', 'Port 8443 belongs to the metrics proxy.', 'what runs on 8443?'],
  ['an identifier', 'Raise MAX_UPLOAD_BYTES before the import of a backup.', 'MAX_UPLOAD_BYTES'],
  ['Chinese', '部署之前必须先清空缓存。', '部署前缓存怎么处理'],
  ['Japanese', 'デプロイの前に必ずキャッシュを消去する。', 'キャッシュの消去'],
  ['German', 'Die Sicherung läuft jede Nacht um drei.', 'Wann läuft die nächtliche Sicherung?'],
  ['Russian', 'Резервные копии хранятся девять дней.', 'сколько хранятся резервные копии'],
];

test.each(QUESTIONS)('shows the sentence that answers, wherever it stands: %s', (_what, sentence, query) => {
  for (const [before, after] of [
    [0, 200],
    [120, 80],
    [400, 3],
    [400, 0],
  ] as const) {
    const whole = memory(around(sentence, before, after));
    const passage = findPassage(whole, parseQueryRoots(query), [], 45);
    const { text, place, omittedChars } = joinPassage(whole, passage);
    expect(text).toContain(sentence);
    expect(estimateTokens(text)).toBeLessThanOrEqual(50);
    const shown = text.replace(/^… | …$/g, '');
    expect(joinWhole(whole).slice(place.from, place.to)).toBe(shown);
    expect(omittedChars).toBe(whole.content.length - shown.length);
  }
});

test('without a word in common, the part that is nearest by its vector is shown', () => {
  const answer = 'Nine idle minutes, then people must sign in again.';
  const content = around(answer, 150, 150);
  const start = content.indexOf(answer) + 'notes\n'.length;
  const near = [
    { start, end: start + 600, cosine: 0.6 },
    { start: 0, end: 900, cosine: 0.2 },
  ];
  const { content: shown } = findPassage(memory(content), parseQueryRoots('session lifetime'), near, 40);
  expect(shown.text).toContain(answer);
});

test('offsets of vectors are code points, those of a passage UTF-16', () => {
  const answer = 'Nine idle minutes, then people must sign in again.';
  const content = `${'🚀🚀 '.repeat(300)}${answer} ${filler(50)}`;
  const start = [...content.slice(0, content.indexOf(answer))].length + 'notes\n'.length;
  const near = [{ start, end: start + 300, cosine: 0.6 }];
  const { content: shown } = findPassage(memory(content), parseQueryRoots('session lifetime'), near, 40);
  expect(shown.text.startsWith(answer)).toBe(true);
});

test('of two places the one with the rarer words of the query, standing together', () => {
  const content = `${filler(60)} The roadmap of next week names tokens. ${filler(60)} Tokens of guests end at midnight. ${filler(60)}`;
  const { content: shown } = findPassage(memory(content), parseQueryRoots('when do tokens of guests end?'), [], 30);
  expect(shown.text).toContain('Tokens of guests end at midnight.');
});

test('a passage of the reasoning comes with the decision', () => {
  const reasoning = around('The vendor bills each webhook twice.', 100, 100);
  const whole = memory('Webhooks go through our own queue.', reasoning);
  const { text } = joinPassage(whole, findPassage(whole, parseQueryRoots('who bills webhooks twice?'), [], 50));
  expect(text).toMatch(/^Webhooks go through our own queue\.\nReasoning: … /);
  expect(text).toContain('The vendor bills each webhook twice.');
});

test('a passage of a long decision needs no reasoning', () => {
  const whole = memory(around('The vendor bills each webhook twice.', 100, 100), filler(50));
  const { text } = joinPassage(whole, findPassage(whole, parseQueryRoots('who bills webhooks twice?'), [], 50));
  expect(text).toContain('The vendor bills each webhook twice.');
});

test('a line without sentences is cut between its words, near the word that was asked for', () => {
  const content = `${'alpha beta gamma delta '.repeat(400)}needle ${'epsilon zeta '.repeat(400)}`;
  const { content: shown } = findPassage(memory(content), parseQueryRoots('needle'), [], 20);
  expect(shown.text).toContain('needle');
  expect(content[shown.from - 1]).toBe(' ');
});
