// P19: a thousand agents wait for one path, in both modes: what they cost while nothing happens, what another path's acquire
// takes beside them, and how soon and in which order each gets the lock. Server mode: 20 processes with 50 agents each;
// embedded: a connection to the local socket for each agent.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { createAgentRepository } from '../src/coordination/agents/agent-repository.js';
import { createLockRepository } from '../src/coordination/locks/lock-repository.js';
import type { PlacedPattern } from '../src/coordination/locks/lock-types.js';
import { createLocksService } from '../src/coordination/locks/locks-service.js';
import { openSignals } from '../src/db/open-signals.js';
import { createPool } from '../src/db/pool.js';
import { createLogger } from '../src/logger.js';
import { createTelemetry } from '../src/telemetry/create-telemetry.js';
import { newId } from '../src/text/ids.js';
import { startLocalServer } from './support/local-server.mjs';
import { connectSocket } from './support/local-socket.mjs';
import { timed } from './support/mcp-client.mjs';
import { percentile, report } from './support/report.mjs';

const AGENTS = Number(process.env.POPSTASH_BENCH_CROWD ?? 1_000);
const FRONTS = 20;
const IDLE_MS = 6_000;
const PAIRS = 60;
const GRANTS = Math.min(100, AGENTS);
const CROWDED = 'src/crowded.ts';
const OTHER = 'src/other.ts';
/** The longest wait that a tool allows. */
const WAIT_SECONDS = 50;
const TICK_MS = 10;

interface Agent {
  acquire(path: string, waitSeconds?: number): Promise<boolean>;
  release(path: string): Promise<void>;
}

if (process.send) await runFront();
else {
  await measure('embedded', await openEmbedded());
  await measure('server', await openServer());
  process.exit(0);
}

interface Crowd {
  holder: Agent;
  other: Agent;
  /** Lets all wait; resolves when they do. */
  gather(): Promise<void>;
  /** When each was granted the lock, by its number, in order; each releases it at once. */
  onGrant(listener: (agent: number) => void): void;
  /** Of all processes but this one, in ms. */
  cpuMs(): Promise<number>;
  close(): Promise<void>;
}

async function measure(mode: string, crowd: Crowd): Promise<void> {
  const pairs = async () => {
    const times: number[] = [];
    for (let i = 0; i < PAIRS; i += 1) {
      times.push(await timed(() => crowd.other.acquire(OTHER)));
      await crowd.other.release(OTHER);
    }
    return times;
  };
  await pairs();
  const alone = percentile(await pairs(), 0.99);
  await crowd.holder.acquire(CROWDED);
  const gathering = await timed(crowd.gather);
  // What the calls themselves have left to do.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const before = await crowd.cpuMs();
  const from = performance.now();
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const idle = (100 * ((await crowd.cpuMs()) - before)) / (performance.now() - from);
  const beside = percentile(await pairs(), 0.99);
  const gaps: number[] = [];
  const order: number[] = [];
  let last = performance.now();
  const granted = new Promise<void>((resolve) => {
    crowd.onGrant((agent) => {
      gaps.push(performance.now() - last);
      last = performance.now();
      order.push(agent);
      if (order.length >= GRANTS) resolve();
    });
  });
  await crowd.holder.release(CROWDED);
  await granted;
  const unordered = order.slice(0, GRANTS).filter((agent, index) => agent !== index).length;
  report(`P19 ${AGENTS} waiters, ${mode}: time until all wait, s`, gathering / 1_000, '-');
  report(`P19 ${AGENTS} waiters, ${mode}: idle, % of a core`, idle, '≤ 5');
  report(`P19 ${AGENTS} waiters, ${mode}: another path's acquire ÷ alone, p99`, beside / alone, '≤ 3');
  report(`P19 ${AGENTS} waiters, ${mode}: another path's acquire alone, p99 ms`, alone, '-');
  report(`P19 ${AGENTS} waiters, ${mode}: grant to the next, p50 ms`, percentile(gaps, 0.5), '≤ 50');
  report(`P19 ${AGENTS} waiters, ${mode}: grant to the next, p99 ms`, percentile(gaps, 0.99), '-');
  report(`P19 ${AGENTS} waiters, ${mode}: grants out of order`, unordered, '0');
  await crowd.close();
}

function processCpuMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return 0;
  }
}

async function openEmbedded(): Promise<Crowd> {
  const server = await startLocalServer();
  const open = async (name: string): Promise<Agent & { close(): void }> => {
    const { call, close } = await connectSocket(server.env, name);
    return {
      acquire: async (path, wait_seconds = 0) =>
        (await call('acquire', { patterns: [path], wait_seconds })).acquired.length > 0,
      release: async (path) => void (await call('release', { patterns: [path] })),
      close,
    };
  };
  const holder = await open('holder');
  const other = await open('other');
  const agents: Awaited<ReturnType<typeof open>>[] = [];
  let onGrant: (agent: number) => void = () => undefined;
  return {
    holder,
    other,
    async gather() {
      for (let i = 0; i < AGENTS; i += 1) agents.push(await open(`agent-${i}`));
      for (const [index, agent] of agents.entries()) {
        agent
          .acquire(CROWDED, WAIT_SECONDS)
          .then(async (isGranted) => {
            if (!isGranted) return;
            onGrant(index);
            await agent.release(CROWDED);
          })
          .catch(() => undefined);
        // Each is answered, or stands in the queue, before the next asks: the order is known.
        await agent.release(OTHER);
      }
    },
    onGrant(listener) {
      onGrant = listener;
    },
    cpuMs: async () => processCpuMs(server.pid),
    async close() {
      for (const agent of [...agents, holder, other]) agent.close();
      await server.stop();
    },
  };
}

async function openServer(): Promise<Crowd> {
  const watcher = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await watcher.connect();
  const fronts = Array.from({ length: FRONTS }, () =>
    fork(process.argv[1] ?? '', [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  await Promise.all(fronts.map((front) => once(front, 'message')));
  const own = await openAgents(2);
  const [holder, other] = own.agents as [Agent, Agent];
  let onGrant: (agent: number) => void = () => undefined;
  for (const front of fronts) {
    front.on('message', (message: { granted?: number }) => {
      if (message.granted !== undefined) onGrant(message.granted);
    });
  }
  return {
    holder,
    other,
    async gather() {
      for (let i = 0; i < AGENTS; i += 1) {
        fronts[i % FRONTS]?.send({ wait: i });
        for (;;) {
          const { rows } = await watcher.query('SELECT count(*)::int AS waiting FROM lock_waiters');
          if (rows[0].waiting > i) break;
        }
      }
    },
    onGrant(listener) {
      onGrant = listener;
    },
    async cpuMs() {
      const { rows } = await watcher.query('SELECT pid FROM pg_stat_activity WHERE datname = current_database()');
      const pids = [...rows.map(({ pid }) => pid), ...fronts.map(({ pid }) => pid ?? 0)];
      return pids.reduce((sum, pid) => sum + processCpuMs(pid), 0);
    },
    async close() {
      for (const front of fronts) front.kill('SIGKILL');
      await own.close();
      await watcher.end();
    },
  };
}

/** A process of server mode with many agents: one pool, one connection for signals. */
async function openAgents(count: number): Promise<{ agents: Agent[]; close(): Promise<void> }> {
  const logger = createLogger('silent', 'bench');
  const connectionString = process.env.DATABASE_URL ?? '';
  const pool = createPool({ connectionString, size: 2, logger });
  const telemetry = await createTelemetry({ telemetry: undefined, version: 'bench' }, logger);
  const signals = openSignals({
    connect: async () => {
      const client = new pg.Client({ connectionString });
      await client.connect();
      return { client, close: () => client.end() };
    },
    logger,
  });
  const locks = createLocksService({ repository: createLockRepository(pool), signals, telemetry, lifeSeconds: 900 });
  const board = 'proj_crowd';
  const place = (path: string): PlacedPattern => ({
    ...{ pattern: path, key: path, literalPrefix: path, isGlob: false },
    ...{ board, root: board, worktree: '/bench', shown: path, isNew: false },
  });
  const agents: Agent[] = [];
  for (let i = 0; i < count; i += 1) {
    const agentId = newId('agent_');
    await createAgentRepository(pool).connect(
      { id: board, root: board, worktree: '/bench' },
      {
        ...{ id: agentId, client: 'bench', clientVersion: null, host: 'bench', pid: process.pid },
        ...{ terminal: null, branch: null, clientSession: null },
      },
    );
    signals.join(agentId);
    const actor = { projectId: board, agentId, sessionId: null };
    agents.push({
      async acquire(path, waitSeconds = 0) {
        const request = { patterns: [place(path)], mode: 'exclusive', waitSeconds, origin: 'tool' } as const;
        return (await locks.acquire(actor, request)).granted.length > 0;
      },
      release: async (path) => void (await locks.release(actor, [place(path)])),
    });
  }
  const close = async () => {
    await signals.close();
    await pool.end();
  };
  return { agents, close };
}

async function runFront(): Promise<void> {
  const { agents } = await openAgents(Math.ceil(AGENTS / FRONTS));
  process.on('message', ({ wait }: { wait: number }) => {
    const agent = agents[Math.floor(wait / FRONTS)];
    void agent?.acquire(CROWDED, 600).then(async (isGranted) => {
      if (!isGranted) return;
      process.send?.({ granted: wait });
      await agent.release(CROWDED);
    });
  });
  process.send?.('ready');
}
