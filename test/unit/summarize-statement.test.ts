import { expect, test } from 'vitest';
import { summarizeStatement } from '../../src/telemetry/summarize-statement.js';

const statements: [text: string, summary: ReturnType<typeof summarizeStatement>][] = [
  ['SELECT 1', { summary: 'SELECT', operation: 'SELECT' }],
  ['BEGIN', { summary: 'BEGIN', operation: 'BEGIN' }],
  ['', { summary: 'STATEMENT', operation: 'STATEMENT' }],
  ['-- a note\nselect * from "Agents" a', { summary: 'SELECT agents', operation: 'SELECT', collection: 'agents' }],
  [
    `SELECT extract(epoch FROM clock_timestamp() - p.at) FROM passages p JOIN projects ON true`,
    { summary: 'SELECT passages', operation: 'SELECT', collection: 'passages' },
  ],
  [
    'SELECT e.id FROM end_locks($1, $2) e',
    { summary: 'SELECT end_locks', operation: 'SELECT', procedure: 'end_locks' },
  ],
  ['SELECT pg_notify($1, $2)', { summary: 'SELECT pg_notify', operation: 'SELECT', procedure: 'pg_notify' }],
  [
    `INSERT INTO agents (id, name) VALUES ('from secrets', $1) ON CONFLICT (id) DO UPDATE SET name = $1`,
    { summary: 'INSERT agents', operation: 'INSERT', collection: 'agents' },
  ],
  [
    `WITH old AS (UPDATE insights SET live = false RETURNING id), saved (id) AS MATERIALIZED (
       INSERT INTO insights (id) SELECT id FROM old RETURNING id)
     INSERT INTO bullmq.job SELECT id FROM saved`,
    {
      summary: 'UPDATE insights INSERT insights INSERT bullmq.job',
      operation: 'UPDATE',
      collection: 'insights',
    },
  ],
  [
    `WITH due AS (SELECT id FROM locks WHERE ends < now() FOR UPDATE SKIP LOCKED) SELECT * FROM due`,
    { summary: 'SELECT locks', operation: 'SELECT', collection: 'locks' },
  ],
  [
    `DELETE FROM ONLY notices WHERE id = 'UPDATE x'`,
    { summary: 'DELETE notices', operation: 'DELETE', collection: 'notices' },
  ],
];

test.each(statements)('%s', (text, summary) => {
  expect(summarizeStatement(text)).toEqual(summary);
});
