import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { connectClient } from '../../support/processes/client.js';
import { startRoundRobin } from '../../support/processes/round-robin.js';
import { createToken, setUpMachine, startTeamServer, type TeamServer } from '../../support/processes/team-server.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';
import { createRepository } from '../../support/setup/repositories.js';
import { testServices } from '../../support/setup/services.js';
import { trialCount } from '../../support/setup/trial.js';

/** Agents of one server process, and connections that it may have to PostgreSQL. */
const AGENTS = trialCount(200, 1_000);
const MAX_CONNECTIONS = 50;
const AGENTS_A_MEMBER = 100;

let database: TestDatabase;
let env: Record<string, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  env = { DATABASE_URL: database.url, REDIS_URL: testServices().redisUrl, POPSTASH_HTTP_RATE: '10000' };
});

/** An agent of a client that speaks Streamable HTTP itself. */
async function connectAgent(url: string, token: string) {
  const headers = { authorization: `Bearer ${token}`, 'popstash-project': 'crowd' };
  const mcp = new Client({ name: 'crowd', version: '0' });
  await mcp.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }) as never);
  return {
    async call(tool: string, args: Record<string, unknown>) {
      return (await mcp.callTool({ name: tool, arguments: args })) as CallToolResult;
    },
    close: () => mcp.close(),
  };
}

async function countConnections(): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    "SELECT count(*)::int FROM pg_stat_activity WHERE datname = $1 AND application_name LIKE 'popstash-%'",
    [database.name],
  );
  return rows[0]?.count ?? 0;
}

describe('a server process of a team', () => {
  it(`serves ${AGENTS} agents with at most ${MAX_CONNECTIONS} connections`, async () => {
    const { url, process } = await startTeamServer(env);
    const tokens = await Promise.all(
      Array.from({ length: AGENTS / AGENTS_A_MEMBER }, (_, index) => createToken(env, `member${index}`)),
    );
    const agents: Awaited<ReturnType<typeof connectAgent>>[] = [];
    let most = 0;
    const look = async () => {
      most = Math.max(most, await countConnections().catch(() => 0));
    };
    const watch = setInterval(() => void look(), 100);
    for (let at = 0; at < AGENTS; at += 50) {
      const group = Array.from({ length: 50 }, (_, index) =>
        connectAgent(url, tokens[Math.floor((at + index) / AGENTS_A_MEMBER)] ?? ''),
      );
      agents.push(...(await Promise.all(group)));
    }
    const answers = await Promise.all(
      agents.map((agent, index) => agent.call('acquire', { patterns: [`src/${index}.ts`] })),
    );
    const busy = await Promise.all(agents.map((agent) => agent.call('acquire', { patterns: ['src/0.ts'] })));
    clearInterval(watch);
    expect(answers.filter(({ isError }) => isError)).toEqual([]);
    expect(busy.filter(({ isError }) => isError)).toEqual([]);
    const { rows } = await database.pool.query('SELECT count(*)::int FROM locks WHERE ended_at IS NULL');
    expect(rows).toEqual([{ count: AGENTS }]);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(MAX_CONNECTIONS);
    await Promise.all(agents.map((agent) => agent.close()));
    await process.stop();
  });
});

describe('two server processes behind a proxy that sends each request to the next', () => {
  it('are one for an agent, also when one of them is killed', async () => {
    const servers: [TeamServer, TeamServer] = await Promise.all([startTeamServer(env), startTeamServer(env)]);
    const url = await startRoundRobin(servers.map((server) => server.url));
    const machine = await setUpMachine(env, url, 'carla', createRepository());
    const agent = await connectClient({ env: machine.env, cwd: machine.clone });
    const { agent_id, session_id } = await agent.call('start_task', { task: 'Move on', files: ['src/auth.ts'] });
    for (let note = 0; note < 6; note += 1)
      await agent.call('insight', { key: `note ${note}`, content: `Note ${note}` });
    servers[0].process.kill('SIGKILL');
    await servers[0].process.exited;
    for (let note = 6; note < 12; note += 1)
      await agent.call('insight', { key: `note ${note}`, content: `Note ${note}` });

    const { rows } = await database.pool.query(
      'SELECT count(*)::int, count(DISTINCT session_id)::int AS sessions, min(session_id) AS session FROM insights WHERE created_by = $1',
      [agent_id],
    );
    expect(rows).toEqual([{ count: 12, sessions: 1, session: session_id }]);
    expect(await agent.call('release', { patterns: ['src/auth.ts'] })).toMatchObject({ released: ['src/auth.ts'] });
    expect(await agent.call('end_task', { summary: 'Moved on' })).toMatchObject({ session_id, status: 'completed' });
    await agent.close();
    await servers[1].process.stop();
  });
});
