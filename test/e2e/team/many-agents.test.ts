import { beforeAll, describe, expect, it } from 'vitest';
import { connectClient } from '../../support/processes/client.js';
import { startRoundRobin } from '../../support/processes/round-robin.js';
import { setUpMachine, startTeamServer, type TeamServer } from '../../support/processes/team-server.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';
import { createRepository } from '../../support/setup/repositories.js';
import { testServices } from '../../support/setup/services.js';

let database: TestDatabase;
let env: Record<string, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  env = { DATABASE_URL: database.url, REDIS_URL: testServices().redisUrl, POPSTASH_HTTP_RATE: '10000' };
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
