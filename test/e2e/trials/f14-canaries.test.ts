// Trial F14, canaries: secrets given to any text argument are afterwards in no table, no queue, no log and no span.
import { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { expect, test } from 'vitest';
import { createRedactor } from '../../../src/text/redact.js';
import {
  CANARY_FAMILIES,
  type Canary,
  countForms,
  createCanaries,
  createRandom,
} from '../../support/inputs/canary-secrets.js';
import { connectClient } from '../../support/processes/client.js';
import { startWorker } from '../../support/processes/processes.js';
import { startRedis } from '../../support/processes/servers.js';
import { LOOK_ALIKE_FAMILIES } from '../../support/secrets/look-alikes.js';
import { createRandomText } from '../../support/secrets/random-text.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { closeAtFileEnd } from '../../support/setup/resources.js';
import { trialCount } from '../../support/setup/trial.js';
import { waitUntil } from '../../support/setup/wait-until.js';
import { startOtlpCollector } from '../../support/telemetry/otlp-collector.js';

/** All that the database holds, as text. */
async function dumpTables(pool: Pool): Promise<string> {
  const tables = await pool.query<{ name: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
      WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
  );
  const parts: string[] = [];
  for (const { name } of tables.rows) {
    const rows = await pool.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    parts.push(...rows.rows.map(({ row }) => `${name}: ${row}`));
  }
  return parts.join('\n');
}

/** Records every command that reaches Redis from now on. */
async function watchRedis(url: string): Promise<string[]> {
  const redis = new Redis(url);
  const monitor = await redis.monitor();
  const seen: string[] = [];
  monitor.on('monitor', (_time: string, args: string[]) => seen.push(args.join(' ')));
  closeAtFileEnd('redis monitor', () => {
    monitor.disconnect();
    redis.disconnect();
  });
  return seen;
}

/** Long secrets are looked for by their middle, since a table's text form may quote or cut them. */
function traceOf({ secret }: Canary): string {
  const longest = secret
    .split(/[\s\\"]+/)
    .sort((a, b) => b.length - a.length)
    .at(0);
  const part = longest ?? secret;
  return part.length > 24 ? part.slice(part.length / 2 - 10, part.length / 2 + 10) : part;
}

/** Where a trace stands, to tell what let it pass. */
function around(text: string, trace: string): string {
  const at = text.indexOf(trace);
  return text.slice(Math.max(0, at - 120), at + trace.length + 40);
}

test('canary secrets are nowhere', async () => {
  const [database, redis, collector] = await Promise.all([createTestDatabase(), startRedis(), startOtlpCollector()]);
  closeAtFileEnd('collector', collector.close);
  const commands = await watchRedis(redis.url);
  const forms = countForms(CANARY_FAMILIES.filter(({ holdOut }) => !holdOut));
  // Forms of all families in turn; unit tests try every form.
  const canaries = createCanaries(trialCount(60, 5 * forms), 14);
  const oneLine = canaries.filter(({ text }) => text.length <= 150 && !/[\n\r]/.test(text));
  const [named] = oneLine;
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    POPSTASH_LOG_LEVEL: 'trace',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    POPSTASH_PROJECT: `project ${named?.text}`,
  };
  const worker = await startWorker('embedding', env);
  const client = await connectClient({ env, clientName: `client ${named?.text}` });
  const answers: string[] = [];
  const call = async (tool: string, args: Record<string, unknown>) => {
    const result = await client.callRaw(tool, args);
    answers.push(JSON.stringify(result));
    return result.structuredContent as Record<string, unknown> | undefined;
  };

  for (const { kind, text } of canaries) {
    const saved = await call('insight', { content: `Note this: ${text}` });
    expect(saved?.redacted, answers.at(-1)).toContain(kind);
    expect(String(saved?.redacted_at)).toContain(`${kind} in content`);
    await call('stash', { name: 'canary', summary: text, metadata: { note: text, deep: [{ more: text }] } });
    await call('decide', { topic: 'canaries', decision: text, reasoning: text });
    await call('recall', { query: text.slice(0, 4_000) });
    await call('pop', { query: text.slice(0, 4_000) });
    await call('get_decisions', { topic: text.slice(0, 200) });
    await call('announce', { message: text.slice(0, 2_000), files: [text.slice(0, 200)] });
  }
  for (const { text } of oneLine) {
    await call('insight', { content: 'by name', key: text, tags: [text] });
    await call('stash', { name: text, summary: 'by name', files: [text] });
    const decided = await call('decide', { topic: text, decision: 'by name' });
    await call('forget', { id: decided?.decision_id, reason: text });
    await call('forget', { id: text });
    await call('acquire', { patterns: [`config/${text}.txt`] });
    await call('acquire', { patterns: [text] });
    await call('release', { patterns: [`config/${text}.txt`, text] });
    const started = await call('start_task', { task: text, files: [`keys/${text}`] });
    await call('report_cost', { tokens_in: 1, tokens_out: 1, model: text });
    await call('end_task', { summary: text, session_id: started?.session_id });
  }
  await waitUntil(async () => {
    const waiting = await database.pool.query('SELECT 1 FROM passages WHERE embedded_at IS NULL LIMIT 1');
    return waiting.rowCount === 0;
  }, 'every passage to be embedded');
  await client.close();
  await worker.stop();

  const places = {
    tables: await dumpTables(database.pool),
    queue: commands.join('\n'),
    logs: client.stderr() + worker.stderr(),
    spans: JSON.stringify(collector.spans),
    answers: answers.join('\n'),
  };
  expect(places.tables).toContain('[redacted:');
  expect(commands.length).toBeGreaterThan(0);
  expect(collector.spans.length).toBeGreaterThan(0);
  for (const [place, text] of Object.entries(places)) {
    const found = canaries.filter((canary) => text.includes(traceOf(canary)));
    const shown = found.map((canary) => ({ ...canary, at: around(text, traceOf(canary)) }));
    expect({ place, shown }).toEqual({ place, shown: [] });
  }
});

/** Texts of each form that a rate is taken of. */
const PER_FORM = trialCount(5, 100);

function report(name: string, found: number, of: number, target: string): void {
  process.stdout.write(`F14 ${name} ${((100 * found) / of).toFixed(1)} % of ${of} ${target}\n`);
}

test('rates: secrets are taken out, look-alikes stay', async () => {
  const redactor = createRedactor();
  const total = { known: [0, 0], heldOut: [0, 0] };
  for (const family of CANARY_FAMILIES) {
    const canaries = createCanaries(PER_FORM * family.makers.length, 21, [family]);
    const results = await Promise.all(canaries.map(({ text }) => redactor.redact(text)));
    const gone = results.filter(({ text }, i) => !text.includes(traceOf(canaries[i] as Canary))).length;
    const sums = family.holdOut ? total.heldOut : total.known;
    sums[0] = (sums[0] ?? 0) + gone;
    sums[1] = (sums[1] ?? 0) + canaries.length;
    report(`${family.holdOut ? 'held out: ' : ''}${family.name}`, gone, canaries.length, family.holdOut ? '' : '100');
  }
  const random = createRandomText(createRandom(22));
  const stayed = { known: [0, 0], heldOut: [0, 0] };
  for (const family of LOOK_ALIKE_FAMILIES) {
    const texts = family.makers.flatMap((make) => Array.from({ length: PER_FORM }, () => make(random)));
    const results = await Promise.all(texts.map((text) => redactor.redact(text)));
    const kept = results.filter(({ text }, i) => text === texts[i]).length;
    const sums = family.holdOut ? stayed.heldOut : stayed.known;
    sums[0] = (sums[0] ?? 0) + kept;
    sums[1] = (sums[1] ?? 0) + texts.length;
    report(`look-alikes${family.holdOut ? ', held out' : ''}: ${family.name}`, kept, texts.length, '100');
  }
  const rate = ([found = 0, of = 1]: number[]) => found / of;
  expect(rate(total.known)).toBeGreaterThan(0.995);
  expect(rate(stayed.known)).toBeGreaterThan(0.995);
  expect(rate(stayed.heldOut)).toBeGreaterThan(0.95);
  expect(rate(total.heldOut)).toBeGreaterThan(0.7);
});
