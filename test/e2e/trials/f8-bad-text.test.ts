// Trial F8: NUL, lone surrogates, 10 MB, binary, bidi, emoji: a typed error or a byte-equal round trip; no job is stuck.
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { presentText } from '../../../src/text/present-text.js';
import { createRedactor } from '../../../src/text/redact.js';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { startWorker } from '../../support/processes/processes.js';
import { startRedis } from '../../support/processes/servers.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';
import { trialCount } from '../../support/setup/trial.js';
import { waitUntil } from '../../support/setup/wait-until.js';

let client: TestClient;
let database: TestDatabase;

beforeAll(async () => {
  const redis = await startRedis();
  database = await createTestDatabase();
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
  await startWorker('embedding', env);
  client = await connectClient({ env });
  // From here on the agent's own row and activity are there.
  await client.call('insight', { content: 'The first of many.' });
});

async function countRows(): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    `SELECT ((SELECT count(*) FROM stashes) + (SELECT count(*) FROM insights) + (SELECT count(*) FROM decisions)
           + (SELECT count(*) FROM passages) + (SELECT count(*) FROM activities))::int AS n`,
  );
  return rows[0]?.n ?? -1;
}

const MAX_LINE_BYTES = 6 * 1024 * 1024;

const BAD: readonly (readonly [what: string, text: string, code: string])[] = [
  ['a NUL', 'a\0b', 'invalid_argument'],
  ['half of a surrogate pair', 'a\ud83db', 'invalid_argument'],
  ['swapped halves', '\ude00\ud83d', 'invalid_argument'],
  ['nothing', '', 'invalid_argument'],
  ['only blanks', ' \t\n', 'invalid_argument'],
  ['5 MB', 'x'.repeat(5 * 1024 * 1024), 'too_large'],
  // Its line is refused before its arguments are known.
  ['10 MB', 'x'.repeat(MAX_LINE_BYTES + 4 * 1024 * 1024), 'too_large'],
  ['256 KB and one byte', `${'é'.repeat(128 * 1024)}x`, 'too_large'],
];

type Refused = [tool: string, argument: string, args: Record<string, unknown>];

describe.each(BAD)('%s', (_, text, code) => {
  const optional: Refused[] = [
    ['insight', 'key', { content: 'fine', key: text }],
    ['decide', 'reasoning', { topic: 'fine', decision: 'fine', reasoning: text }],
  ];

  // An empty text for what is optional means that it is not given.
  test.each<Refused>([
    ...(text === '' ? [] : optional),
    ['insight', 'content', { content: text }],
    ['insight', 'tags[1]', { content: 'fine', tags: ['fine', text] }],
    ['stash', 'name', { name: text, summary: 'fine' }],
    ['stash', 'summary', { name: 'fine', summary: text }],
    ['stash', 'files[0]', { name: 'fine', summary: 'fine', files: [text] }],
    ['decide', 'topic', { topic: text, decision: 'fine' }],
    ['decide', 'decision', { topic: 'fine', decision: text }],
    ['recall', 'query', { query: text }],
    ['pop', 'query', { query: text }],
  ])('is refused by %s as %s, and nothing is written', async (tool, argument, args) => {
    const before = await countRows();
    const failure = await client.call(tool, args).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, retryable: false });
    expect((failure as Error).message).toContain(text.length > MAX_LINE_BYTES ? `${MAX_LINE_BYTES} bytes` : argument);
    expect((failure as { fix: string }).fix.length).toBeGreaterThan(10);
    expect(await countRows()).toBe(before);
  });
});

const GOOD: readonly (readonly [what: string, text: string])[] = [
  ['emoji of every kind', '👨‍👩‍👧‍👦 👩🏽‍💻 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🇯🇵 1️⃣ ❤️‍🔥'],
  ['both forms of one letter', 'é e\u0301 Å A\u030a'],
  ['right to left', 'שלום עולם، مرحبا بالعالم می‌خواهم'],
  ['line ends of all kinds', 'a\nb\r\nc\rd\u2028e\tf\u00a0g\n'],
  ['blanks around it', '  two before, one after '],
  ['what SQL and JSON quote', `'; DROP TABLE insights; -- "\\" \\u0000 $1 $$ %s \${x} {{y}}`],
  ['noncharacters and private use', '\uffff \ufdd0 \u{10ffff} \ue000'],
  ['exactly 256 KB', 'é '.repeat(87_381).slice(0, 87_381) + 'x'.repeat(100)],
  ['one long word', 'x'.repeat(200_000)],
];

async function roundTrip(text: string): Promise<{ summary: string; decision: string; removed: number }> {
  await client.call('stash', { name: 'round-trip', summary: text });
  const popped = await client.call<{ summary: string; removed_invisible?: number }>('pop', { query: 'round-trip' });
  await client.call('decide', { topic: 'round-trip', decision: text });
  const { decisions } = await client.call<{ decisions: { decision: string }[] }>('get_decisions', {
    topic: 'round-trip',
    limit: 1,
  });
  return {
    summary: popped.summary,
    decision: decisions[0]?.decision ?? '',
    removed: popped.removed_invisible ?? 0,
  };
}

async function storedSummary(): Promise<string> {
  const { rows } = await database.pool.query<{ summary: string }>(
    `SELECT summary FROM stashes WHERE name = 'round-trip' ORDER BY version DESC LIMIT 1`,
  );
  return rows[0]?.summary ?? '';
}

test.each(GOOD)('%s comes back byte for byte', async (_, text) => {
  expect(await roundTrip(text)).toEqual({ summary: text, decision: text, removed: 0 });
  expect(await storedSummary()).toBe(text);
});

test('invisible and bidirectional controls are stored, and left out of answers, which say so', async () => {
  const text = 'if (admin\u202e\u2066 // check\u2069\u2066) {\u200b} \u{e0049}\u{e0067}';
  const answer = await roundTrip(text);
  expect(answer).toEqual({ summary: 'if (admin // check) {} ', decision: 'if (admin // check) {} ', removed: 7 });
  expect(await storedSummary()).toBe(text);
});

test('metadata too, however deep', async () => {
  await client.call('stash', {
    name: 'deep',
    summary: 'fine',
    metadata: { 'a\u200b': [{ b: 'c\u202ed' }], n: [1, null] },
  });
  expect(await client.call('pop', { query: 'deep' })).toMatchObject({
    metadata: { a: [{ b: 'cd' }], n: [1, null] },
    removed_invisible: 2,
  });
});

test('any other text is stored byte for byte and returned as it may be shown', async () => {
  const redactor = createRedactor();
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 400 }), async (text) => {
      fc.pre(!text.includes('\0') && text.trim() !== '' && !redactor.mayHoldSecret(text));
      const { text: shown, removed } = presentText(text);
      expect(await roundTrip(text)).toEqual({ summary: shown, decision: shown, removed });
      expect(await storedSummary()).toBe(text);
    }),
    { numRuns: trialCount(40, 5_000) },
  );
});

test('10 MB get the same answer through the bridge', async () => {
  const embedded = await connectClient();
  await expect(embedded.call('insight', { content: 'x'.repeat(10 * 1024 * 1024) })).rejects.toMatchObject({
    code: 'too_large',
  });
  expect(await embedded.call('ping')).toMatchObject({ status: 'pong' });
});

test('afterwards no passage is stuck without its vector', async () => {
  await waitUntil(async () => {
    const { rowCount } = await database.pool.query('SELECT 1 FROM passages WHERE embedded_at IS NULL LIMIT 1');
    return rowCount === 0;
  }, 'every passage to be embedded');
});
