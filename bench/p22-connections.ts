// P22: what fronts of server mode take of PostgreSQL: connections and their memory while idle and under load, advisory locks;
// and what it costs to make a connection ready. docs/scale.md computes with these.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { createPool } from '../src/db/pool.js';
import { createLogger } from '../src/logger.js';
import { connectFront } from './support/mcp-client.mjs';
import { interleave, median, report } from './support/report.mjs';

const FRONTS = 20;
/** Of each front, at once. */
const CALLS = 12;
const ROUNDS = 10;
const CONNECTIONS = 100;

const url = process.env.DATABASE_URL ?? '';
const watch = new pg.Pool({ connectionString: url, max: 1, application_name: 'bench' });

await measureConnecting();
await measureFronts('with Redis', { ...process.env });
await measureFronts('queue on PostgreSQL', { ...process.env, REDIS_URL: '' });
await watch.end();

/** Connections of a pool, one after the other: made by pg alone, and made ready. The first of each is not counted. */
async function measureConnecting(): Promise<void> {
  const bare = new pg.Pool({ connectionString: url, max: 1 });
  const ready = createPool({ connectionString: url, size: 1, logger: createLogger('silent', 'bench') });
  const times = await interleave({ bare: () => useNew(bare), ready: () => useNew(ready) }, CONNECTIONS);
  const [alone = 0, readied = 0] = [times.bare, times.ready].map((each) => median(each ?? []));
  report('P22 a connection and its first statement, pg alone, p50 ms', alone, '-');
  report('P22 the same, made ready ÷ pg alone', readied / alone, '-');
  await Promise.all([bare.end(), ready.end()]);
}

async function useNew(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  await client.query('SELECT 1');
  client.release(true);
}

interface Seen {
  connections: number;
  megabytes: number;
}

/** What fronts have of the server now. */
async function look(): Promise<Seen> {
  const { rows } = await watch.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'popstash-%'`,
  );
  const megabytes = rows.reduce((sum, { pid }) => sum + ownMegabytes(pid), 0);
  return { connections: rows.length, megabytes };
}

/** Memory of a process that it does not share: the buffers belong to all. */
function ownMegabytes(pid: number): number {
  try {
    const sums = [...readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').matchAll(/^Private_\w+:\s+(\d+) kB/gm)];
    return sums.reduce((sum, [, kilobytes]) => sum + Number(kilobytes), 0) / 1024;
  } catch {
    return 0;
  }
}

async function measureFronts(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  const fronts = await Promise.all(Array.from({ length: FRONTS }, () => connectFront(env)));
  await Promise.all(fronts.map((front) => front.call('ping', {})));
  const idle = await look();
  let most: Seen = { connections: 0, megabytes: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const calls = fronts.flatMap((front, index) =>
      Array.from({ length: CALLS }, (_, call) =>
        front.call('insight', { content: `front ${index}, call ${round}-${call}` }),
      ),
    );
    const seen = await look();
    if (seen.connections > most.connections) most = seen;
    await Promise.all(calls);
  }
  const after = await look();
  if (after.connections > most.connections) most = after;
  const { rows } = await watch.query<{ held: number }>(
    `SELECT count(*)::int AS held FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  report(`P22 ${FRONTS} fronts, ${name}: connections of one that just started`, idle.connections / FRONTS, '-');
  report(`P22 ${FRONTS} fronts, ${name}: connections of one under load, most`, most.connections / FRONTS, '-');
  report(`P22 ${FRONTS} fronts, ${name}: memory of one connection, MB`, most.megabytes / most.connections, '-');
  report(`P22 ${FRONTS} fronts, ${name}: advisory locks of one, idle`, (rows[0]?.held ?? 0) / FRONTS, '-');
  await Promise.all(fronts.map((front) => front.close()));
}
