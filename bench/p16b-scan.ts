// P16b: reading 1 GB of transcripts into an empty ledger (`popstash costs scan`), in both modes: how long it takes, how much
// memory it adds, how long it keeps the event loop and another statement waiting meanwhile, and a look at the same files when
// nothing has changed. Arguments: megabytes (1000), files (500).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Pool } from 'pg';
import { openPriceBook } from '../src/accountability/prices/price-book.js';
import { openReader } from '../src/accountability/reader/read-passes.js';
import { migrate } from '../src/db/migrate.js';
import { openPgliteThread } from '../src/db/pglite/open-pglite-thread.js';
import { PglitePool } from '../src/db/pglite/pglite-pool.js';
import { createPool } from '../src/db/pool.js';
import { createLogger } from '../src/logger.js';
import { findPackage } from '../src/package-root.js';
import { openProjectIdentities } from '../src/project/project-identities.js';
import { percentile, report } from './support/report.mjs';
import { writeTranscripts } from './support/write-transcripts.js';

const [megabytes = 1_000, files = 500] = process.argv.slice(2).map(Number);
const MB = 1e6;
/** Between two statements of an agent that works meanwhile, in ms. */
const PROBE_MS = 50;

async function measure(mode: 'server' | 'embedded', pool: Pool, home: string, expected: number): Promise<void> {
  const reader = () =>
    openReader({
      pool,
      book: openPriceBook(),
      environment: { home, platform: 'linux', variables: {} },
      identities: openProjectIdentities({ dataDir: home, databaseUrl: undefined }, createLogger('warn', 'bench')),
      costDays: 0,
      host: 'bench',
      logger: createLogger('warn', 'bench'),
      onRecorded: () => undefined,
    });
  const probe = probeStatements(pool);
  const loop = monitorEventLoopDelay({ resolution: 5 });
  const memory = watchMemory();
  loop.enable();
  const cpu = process.cpuUsage();
  const busy = performance.eventLoopUtilization();
  const start = performance.now();
  const summary = await reader().readAll();
  const seconds = (performance.now() - start) / 1_000;
  loop.disable();
  const { user, system } = process.cpuUsage(cpu);
  const { active } = performance.eventLoopUtilization(busy);
  if (summary.inserted !== expected) throw new Error(`${summary.inserted} of ${expected} requests are there`);
  const scale = 1_000 / megabytes;
  report(`P16b ${mode}, 1 GB read, s`, seconds * scale, '≤ 60');
  report(`P16b ${mode}, CPU of this process, s`, ((user + system) / 1e6) * scale, '-');
  report(`P16b ${mode}, of it in the event loop, s`, (active / 1_000) * scale, '-');
  report(`P16b ${mode}, memory at most, MB more`, Math.round(memory.stop() / MB), '≤ 150');
  report(`P16b ${mode}, event loop kept, p99 ms`, loop.percentile(99) / 1e6, '≤ 50');
  report(`P16b ${mode}, event loop kept, longest ms`, loop.max / 1e6, '-');
  const waits = await probe.stop();
  report(`P16b ${mode}, another statement meanwhile, p50 ms`, percentile(waits, 0.5), '-');
  report(`P16b ${mode}, another statement meanwhile, p99 ms`, percentile(waits, 0.99), '-');
  const again = reader();
  await again.readAll();
  const look = performance.now();
  const { files: changed } = await again.readAll();
  if (changed > 0) throw new Error(`${changed} files seem to have changed`);
  report(`P16b ${mode}, a look at ${files} unchanged files, ms`, performance.now() - look, '-');
}

/** The largest resident size beyond that of now, in bytes. */
function watchMemory(): { stop(): number } {
  global.gc?.();
  const before = process.memoryUsage.rss();
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss() - before);
  }, 100);
  return {
    stop() {
      clearInterval(timer);
      return most;
    },
  };
}

/** What an agent's statement waits meanwhile, in ms each. */
function probeStatements(pool: Pool): { stop(): Promise<number[]> } {
  const waits: number[] = [];
  let isStopped = false;
  const running = (async () => {
    while (!isStopped) {
      const start = performance.now();
      await pool.query('SELECT 1');
      waits.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
    }
  })();
  return {
    async stop() {
      isStopped = true;
      await running;
      return waits;
    },
  };
}

const home = mkdtempSync(join(tmpdir(), 'popstash-p16b-'));
try {
  const transcripts = writeTranscripts(home, files, (megabytes * MB) / files);
  const expected = transcripts.reduce((sum, { requests }) => sum + requests, 0);
  const url = process.env.DATABASE_URL;
  if (url) {
    const logger = createLogger('warn', 'bench');
    const server = createPool({ connectionString: url, size: 3, logger, statementTimeoutMs: 60_000 });
    await measure('server', server, home, expected);
    await server.end();
  }
  const backend = await openPgliteThread(join(home, 'database'));
  const embedded = new PglitePool(Promise.resolve(backend));
  await migrate(embedded, findPackage().root);
  await measure('embedded', embedded, home, expected);
  await embedded.end();
  await backend.close();
} finally {
  rmSync(home, { recursive: true, force: true });
}
