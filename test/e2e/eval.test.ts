import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCommand } from '../support/processes/processes.js';
import { createTestDatabase } from '../support/setup/database.js';
import { createFolder } from '../support/setup/folders.js';

const CORPUS = [
  { _id: 'S1#0', title: '', text: 'We sign web tokens with RS256 and keep them in cookies.' },
  { _id: 'S1#1', title: '', text: 'Tokens end after fifteen minutes.' },
  { _id: 'S2#0', title: 'Caching', text: 'Redis holds the sessions for an hour.' },
  { _id: 'S3#0', title: '', text: 'The build runs on Node 22 with esbuild.' },
];
const QUERIES = [
  { _id: 'Q1', text: 'How are web tokens signed?' },
  { _id: 'Q2', text: 'What holds the sessions in Redis?' },
  { _id: 'Q3', text: 'Which pizza does the team prefer?' },
];

function writeSet(): string {
  const folder = createFolder('ps-beir-');
  const lines = (values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');
  writeFileSync(join(folder, 'corpus.jsonl'), lines(CORPUS));
  writeFileSync(join(folder, 'queries.jsonl'), lines(QUERIES));
  writeFileSync(join(folder, 'qrels.tsv'), 'query-id\tcorpus-id\tscore\nQ1\tS1\t1\nQ2\tS2\t1\n');
  return folder;
}

const perfect = { 'hit@1': 1, 'hit@5': 1, 'R@5': 1, 'MRR@10': 1, 'nDCG@10': 1 };
const expected = {
  documents: 4,
  queries: 3,
  legs: { lexical: perfect, vector: perfect, hybrid: perfect },
  abstention: { auroc: 1 },
  risk: { answerable: 2, unanswerable: 1, at: { score: 0.35, answerable_refused: 0, unanswerable_refused: 1 } },
  latency_ms: { p50: expect.any(Number), p99: expect.any(Number) },
};

it('measures a set on a database of its own in embedded mode, and leaves nothing behind', async () => {
  const dataDir = createFolder();
  const temporary = createFolder();
  const { code, stdout, stderr } = await runCommand(['eval', writeSet(), '--json'], {
    env: { POPSTASH_DATA_DIR: dataDir, TMPDIR: temporary },
  });
  expect(stderr).not.toMatch(/"level":50/);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject(expected);
  expect(readdirSync(dataDir)).toEqual([]);
  // Nor a trace of the model runtime's own reports, which must be off.
  expect(readdirSync(temporary)).toEqual([]);
});

it('measures a set in a scratch project in server mode, and removes it', async () => {
  const database = await createTestDatabase();
  const { code, stdout, stderr } = await runCommand(['eval', writeSet(), '--risk', writeSet()], {
    env: { DATABASE_URL: database.url },
  });
  expect(stderr).not.toMatch(/"level":50/);
  expect(code).toBe(0);
  expect(stdout).toMatch(/hybrid\s+1\.0000/);
  // Two answerable questions, one that is not, and the three of the other folder, of which two would be answered here.
  expect(stdout).toContain('of 2 questions with an answer and 4 without');
  expect(stdout).toMatch(/0\.35\s+0\.0 %\s+50\.0 % {2}as search decides/);
  for (const table of ['projects', 'insights', 'passages', 'activities', 'agents']) {
    const { rows } = await database.pool.query(`SELECT count(*)::int AS n FROM ${table}`);
    expect(rows, table).toEqual([{ n: 0 }]);
  }
});

it('says what is wrong with a folder that is not a set', async () => {
  const { code, stderr, stdout } = await runCommand(['eval', createFolder()]);
  expect(code).toBe(1);
  expect(stderr).toContain('qrels.tsv is missing');
  expect(stdout).toBe('');
});
