// F27: one server process of a team and very many agents by HTTP, each of which begins a task, takes a lock, recalls and ends: no
// error, and no more connections to PostgreSQL than a few. Prints what the process has used.
import { stdout } from 'node:process';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { measureProcess } from '../../support/processes/measure-process.js';
import { createToken, startTeamServer } from '../../support/processes/team-server.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';
import { testServices } from '../../support/setup/services.js';
import { trialCount } from '../../support/setup/trial.js';

const AGENTS = trialCount(50, 1_000);
const MAX_CONNECTIONS = 50;
const AGENTS_A_MEMBER = 100;
/** Agents that connect, or call, at one time: of a thousand people's agents few speak in the same instant. */
const GROUP = 50;

let database: TestDatabase;
let env: Record<string, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  env = { DATABASE_URL: database.url, REDIS_URL: testServices().redisUrl, POPSTASH_HTTP_RATE: '10000' };
});

type Call = (tool: string, args: Record<string, unknown>) => Promise<CallToolResult>;

/** An agent of a client that speaks Streamable HTTP itself. */
async function connectAgent(url: string, token: string): Promise<{ call: Call; close(): Promise<void> }> {
  const headers = { authorization: `Bearer ${token}`, 'popstash-project': 'crowd' };
  const mcp = new Client({ name: 'crowd', version: '0' });
  await mcp.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }) as never);
  const call: Call = async (name, args) =>
    (await mcp.callTool({ name, arguments: args }, undefined, PATIENCE)) as never;
  return { call, close: () => mcp.close() };
}

const PATIENCE = { timeout: 120_000 };

async function countConnections(): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    "SELECT count(*)::int FROM pg_stat_activity WHERE datname = $1 AND application_name LIKE 'popstash-%'",
    [database.name],
  );
  return rows[0]?.count ?? 0;
}

describe('a server process of a team', () => {
  it(`serves ${AGENTS} agents with at most ${MAX_CONNECTIONS} connections`, { timeout: 900_000 }, async () => {
    const { url, process } = await startTeamServer(env);
    const members = Array.from({ length: Math.ceil(AGENTS / AGENTS_A_MEMBER) }, (_, index) => `member${index}`);
    const tokens: string[] = [];
    for (const member of members) tokens.push(await createToken(env, member));
    const memory = { before: measureProcess(process.pid).memory, connected: 0, after: 0 };
    let connections = 0;
    const watch = setInterval(() => {
      countConnections().then(
        (count) => {
          connections = Math.max(connections, count);
        },
        () => undefined,
      );
    }, 100);
    const agents: Awaited<ReturnType<typeof connectAgent>>[] = [];
    for (let at = 0; at < AGENTS; at += GROUP) {
      const group = Array.from({ length: GROUP }, (_, index) =>
        connectAgent(url, tokens[Math.floor((at + index) / AGENTS_A_MEMBER)] ?? ''),
      );
      agents.push(...(await Promise.all(group)));
    }
    memory.connected = measureProcess(process.pid).memory;
    const start = performance.now();
    const round = async (tool: string, args: (index: number) => Record<string, unknown>) => {
      for (let at = 0; at < AGENTS; at += GROUP) {
        const group = agents.slice(at, at + GROUP).map(({ call }, index) => call(tool, args(at + index)));
        expect((await Promise.all(group)).filter(({ isError }) => isError)).toEqual([]);
      }
    };
    await round('start_task', (index) => ({ task: `Task ${index}`, files: [`src/${index}.ts`] }));
    await round('acquire', (index) => ({ patterns: [`docs/${index}.md`] }));
    await round('recall', () => ({ query: 'how sessions of the login are kept' }));
    // What another one holds is an answer too.
    await round('acquire', () => ({ patterns: ['src/0.ts'] }));
    const { rows: held } = await database.pool.query('SELECT count(*)::int FROM locks WHERE ended_at IS NULL');
    expect(held).toEqual([{ count: 2 * AGENTS }]);
    await round('end_task', () => ({ summary: 'Done' }));
    const seconds = (performance.now() - start) / 1_000;
    clearInterval(watch);
    memory.after = measureProcess(process.pid).memory;
    const { rows: left } = await database.pool.query('SELECT count(*)::int FROM locks WHERE ended_at IS NULL');
    expect(left).toEqual([{ count: 0 }]);
    expect(connections).toBeGreaterThan(0);
    expect(connections).toBeLessThanOrEqual(MAX_CONNECTIONS);
    const figures = `${AGENTS} agents, ${connections} connections at most, 5 calls each in ${seconds.toFixed(1)} s`;
    stdout.write(`F27: ${figures}; memory ${Object.values(memory).join(', ')} MB before, connected, after\n`);
    await Promise.all(agents.map(({ close }) => close()));
    await process.stop();
  });
});
