// F22: the primary of a synchronously replicated PostgreSQL is killed under load and its standby promoted by hand. Nothing
// acknowledged is lost, errors are typed and retryable, fencing tokens rise, and an agent that lives through it keeps its locks.
import pg from 'pg';
import { expect, test } from 'vitest';
import { type Cluster, replicateSynchronously, startCluster, startStandby } from '../../support/postgres/cluster.js';
import { agentIdOf, readAgent, untilDeathCounts } from '../../support/processes/agents.js';
import { connectClient, type TestClient, ToolCallError } from '../../support/processes/client.js';
import { runCommand, startWorker } from '../../support/processes/processes.js';
import { testServices } from '../../support/setup/services.js';
import { trialCount } from '../../support/setup/trial.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const failovers = trialCount(1, 10);
const writers = trialCount(2, 6);
const ACCEPTED = /^(database_unavailable|timeout)$/;
const PATHS = ['src/a.ts', 'src/b.ts', 'src/c.ts'];

interface Grant {
  path: string;
  writer: number;
  token: number;
}

interface Load {
  acknowledged: string[];
  /** In the order in which they were acknowledged. */
  grants: Grant[];
  refused: unknown[];
  stop(): Promise<void>;
}

/** Agents that save, and acquire and release a few files that they all want, until they are stopped. */
function startLoad(clients: readonly TestClient[]): Load {
  const load: Omit<Load, 'stop'> = { acknowledged: [], grants: [], refused: [] };
  let running = true;
  const agents = clients.map(async (client, writer) => {
    for (let index = 0; running; index += 1) {
      const content = `note ${writer}-${index}`;
      const path = PATHS[(writer + index) % PATHS.length] ?? '';
      try {
        await client.call('insight', { content });
        load.acknowledged.push(content);
        const { acquired } = await client.call<{ acquired: { token: number }[] }>('acquire', { patterns: [path] });
        load.grants.push(...acquired.map(({ token }) => ({ path, writer, token })));
        await client.call('release', { patterns: [path] });
      } catch (error) {
        load.refused.push(error);
      }
    }
  });
  const stop = async () => {
    running = false;
    await Promise.all(agents);
  };
  return { ...load, stop };
}

function highestToken({ grants }: Load): number {
  return Math.max(0, ...grants.map(({ token }) => token));
}

/** Of each path: no grant has a lower token than an earlier one; the same one only for who holds it still. */
function expectRising(grants: readonly Grant[]): void {
  const latest = new Map<string, Grant>();
  for (const grant of grants) {
    const before = latest.get(grant.path);
    if (before && before.writer !== grant.writer) expect(grant.token).toBeGreaterThan(before.token);
    else if (before) expect(grant.token).toBeGreaterThanOrEqual(before.token);
    latest.set(grant.path, grant);
  }
}

/** Ends the primary without a word, and makes its standby the primary. @returns the new one, and how long writes were away */
async function failOver(
  primary: Cluster,
  standby: Cluster,
  load: Load,
): Promise<{ awayMs: number; promotedMs: number }> {
  const before = load.acknowledged.length;
  await waitUntil(() => load.acknowledged.length > before + 10, 'writes');
  const died = performance.now();
  await primary.stop('immediate');
  const failures = load.refused.length;
  await waitUntil(() => load.refused.length > failures + 1, 'the trouble to be felt');
  await standby.promote();
  const promoted = performance.now();
  const back = load.acknowledged.length;
  await waitUntil(() => load.acknowledged.length > back, 'writes to go on', { intervalMs: 5 });
  return { awayMs: performance.now() - died, promotedMs: performance.now() - promoted };
}

test(`F22: ${failovers} failovers under load, with synchronous replication`, async (context) => {
  if (testServices().runtime.kind !== 'local') {
    context.skip("F22 starts a standby with PostgreSQL's own programs, which this machine has in Docker only");
  }
  let primary = await startCluster({
    settings: { wal_level: 'replica', max_wal_senders: '4', max_connections: '150' },
  });
  let standby = await startStandby(primary, 'standby');
  await replicateSynchronously(primary, 'standby');
  const hosts = `127.0.0.1:${primary.port},127.0.0.1:${standby.port}`;
  const env = { DATABASE_URL: `postgres://postgres@${hosts}/postgres`, REDIS_URL: testServices().redisUrl };
  expect((await runCommand(['migrate'], { env })).code).toBe(0);
  await startWorker('lock-expiry', env);
  const keeper = await connectClient({ env, clientName: 'keeper' });
  const other = await connectClient({ env, clientName: 'other' });
  const keeperId = await agentIdOf(keeper);
  await keeper.call('start_task', { task: 'Keep it all along', files: ['src/kept.ts'] });
  const clients = await Promise.all(
    Array.from({ length: writers }, (_, index) => connectClient({ env, clientName: `writer-${index}` })),
  );
  const pool = new pg.Pool({ connectionString: primary.url(), max: 1 });
  await untilDeathCounts(pool);
  await pool.end();
  const load = startLoad(clients);

  const figures: { awayMs: number; promotedMs: number }[] = [];
  for (let round = 0; round < failovers; round += 1) {
    const granted = load.grants.length;
    await waitUntil(() => load.grants.length > granted + 3, 'grants');
    const highest = highestToken(load);
    figures.push(await failOver(primary, standby, load));
    // Asked at once, when the keeper's own connections may still be on their way to the new primary.
    const wanted = await waitUntil(
      () => other.call<{ conflicts: unknown[] }>('acquire', { patterns: ['src/kept.ts'] }).catch(() => null),
      'an answer about the lock',
    );
    expect(wanted.conflicts).toMatchObject([{ held_by: keeperId }]);
    await waitUntil(() => highestToken(load) > highest, 'grants at the new primary');
    const { port } = primary;
    primary = standby;
    if (round + 1 === failovers) break;
    standby = await startStandby(primary, 'standby', port);
    await replicateSynchronously(primary, 'standby');
  }
  await load.stop();

  for (const error of load.refused) {
    expect(error).toBeInstanceOf(ToolCallError);
    expect(error).toMatchObject({ code: expect.stringMatching(ACCEPTED), retryable: true });
  }
  expectRising(load.grants);
  const rows = await primary.run<{ content: string }>('SELECT content FROM insights');
  const stored = new Set(rows.map(({ content }) => content));
  expect(load.acknowledged.filter((content) => !stored.has(content))).toEqual([]);
  const last = new pg.Pool({ connectionString: primary.url(), max: 1 });
  expect(await readAgent(last, keeperId)).toMatchObject({ status: 'active', liveLocks: 1, reasons: [] });
  await last.end();
  expect(await keeper.call('end_task', { summary: 'Kept' })).toMatchObject({ locks_released: ['src/kept.ts'] });
  report(figures, load);
});

function report(
  figures: readonly { awayMs: number; promotedMs: number }[],
  { acknowledged, grants, refused }: Load,
): void {
  const middle = (values: number[]) => Math.round(values.sort((a, b) => a - b)[values.length >> 1] ?? 0);
  const most = (values: number[]) => Math.round(Math.max(...values));
  const away = figures.map(({ awayMs }) => awayMs);
  const after = figures.map(({ promotedMs }) => promotedMs);
  process.stderr.write(
    `F22 ${figures.length} failovers: writes away for ${middle(away)} ms (median), ${most(away)} ms (longest), back ` +
      `${middle(after)} ms (median), ${most(after)} ms (longest) after the promotion; ${acknowledged.length} notes acknowledged ` +
      `and found, ${grants.length} grants with rising tokens, ${refused.length} calls refused, all retryable\n`,
  );
}
