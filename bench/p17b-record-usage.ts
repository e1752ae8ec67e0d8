// P17b: records a second that become new entries, in batches of 1,000, one after another by one writer, in both modes; the
// same records again, which change nothing; and their changes moved into roll-ups.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import type { EntryContext } from '../src/accountability/ledger/entry-row.js';
import { recordUsage } from '../src/accountability/ledger/record-usage.js';
import { rollUpChanges } from '../src/accountability/ledger/roll-up-changes.js';
import { openPriceBook } from '../src/accountability/prices/price-book.js';
import { NO_TOKENS, type UsageRecord } from '../src/accountability/usage.js';
import { migrate } from '../src/db/migrate.js';
import { openPglite } from '../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../src/db/pglite/pglite-pool.js';
import { createPool } from '../src/db/pool.js';
import { createLogger } from '../src/logger.js';
import { findPackage } from '../src/package-root.js';
import { report } from './support/report.mjs';

const BATCH = 1_000;
const RECORDS = { server: 60_000, embedded: 20_000 };

const context: EntryContext = {
  book: openPriceBook(),
  costDays: 0,
  locateFolder: async (cwd) => ({ projectId: `proj_${cwd.slice(1)}`, root: cwd, worktree: cwd }),
};

/** Requests of Claude Code, one in twenty seconds, 500 in a session. */
function makeRecord(n: number): UsageRecord {
  return {
    client: 'claude',
    sessionId: `session-${Math.floor(n / 500)}`,
    requestId: `req_011CYRm${n}`,
    messageId: `msg_01XFDUDYJg${n}`,
    isSidechain: false,
    agentId: null,
    parentSessionId: null,
    sessionBornAt: '2026-01-01T00:00:00.000Z',
    toolUseIds: [`toolu_01A09q90q${n}`],
    at: new Date(Date.parse('2026-01-01T00:00:00Z') + n * 20_000).toISOString(),
    clientVersion: '2.1.0',
    cwd: '/repo',
    gitBranch: 'main',
    model: n % 3 === 0 ? 'claude-opus-4-5' : 'claude-sonnet-4-5',
    provider: 'anthropic',
    tokens: { ...NO_TOKENS, input: n % 900, output: n % 3_000, cacheRead: (n * 7) % 90_000, cacheWrite5m: n % 500 },
    iterations: null,
    webSearches: 0,
    serviceTier: 'standard',
    speed: null,
    inferenceGeo: null,
    clientCost: null,
    witness: 'transcript',
    grade: 'transcript',
    isFinished: true,
    revision: 0,
    isCacheSplitKnown: true,
  };
}

async function measure(mode: 'server' | 'embedded', pool: Pool): Promise<void> {
  const count = RECORDS[mode];
  const records = Array.from({ length: count }, (_, n) => makeRecord(n));
  await recordUsage(pool, context, [{ ...makeRecord(0), requestId: 'warm', messageId: null, toolUseIds: [] }]);
  const perSecond = async (work: () => Promise<unknown>) => {
    const start = performance.now();
    await work();
    return count / ((performance.now() - start) / 1_000);
  };
  const write = async () => {
    for (let at = 0; at < count; at += BATCH) await recordUsage(pool, context, records.slice(at, at + BATCH));
  };
  const target = mode === 'server' ? '≥ 10000' : '-';
  report(`P17b ${mode}, new records a second`, Math.round(await perSecond(write)), target);
  report(`P17b ${mode}, known records a second`, Math.round(await perSecond(write)), '-');
  const rolled = Math.round(await perSecond(() => rollUpChanges(pool)));
  report(`P17b ${mode}, rolled up, records a second`, rolled, '-');
}

const server = createPool({
  connectionString: process.env.DATABASE_URL ?? '',
  size: 1,
  logger: createLogger('warn', 'bench'),
  statementTimeoutMs: 60_000,
});
await measure('server', server);
await server.end();

const folder = await mkdtemp(join(tmpdir(), 'popstash-p17b-'));
const backend = await openPglite(join(folder, 'db'));
const embedded = new PglitePool(Promise.resolve(backend));
await migrate(embedded, findPackage().root);
await measure('embedded', embedded);
await embedded.end();
await backend.close();
await rm(folder, { recursive: true, force: true });
