import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startHookedClient } from '../../support/processes/hooked-client.js';
import { runCommand } from '../../support/processes/processes.js';
import { type Machine, setUpMachine, startTeamServer } from '../../support/processes/team-server.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';
import { createRepository } from '../../support/setup/repositories.js';
import { testServices } from '../../support/setup/services.js';
import { waitUntil } from '../../support/setup/wait-until.js';

let database: TestDatabase;
let anna: Machine;
let ben: Machine;

beforeAll(async () => {
  database = await createTestDatabase();
  const env = { DATABASE_URL: database.url, REDIS_URL: testServices().redisUrl };
  const { url } = await startTeamServer(env);
  const origin = createRepository();
  [anna, ben] = await Promise.all([setUpMachine(env, url, 'anna', origin), setUpMachine(env, url, 'ben', origin)]);
  await runCommand(['init', '--yes', '--client', 'claude'], { env: ben.env, cwd: ben.clone });
});

describe('two members of a team, each with a clone of the repository on a machine of its own', () => {
  it('keeps the edits and commits of one out of what the other holds, and names whose it is', async () => {
    const [hers, his] = await Promise.all([
      startHookedClient({ env: anna.env, cwd: anna.clone }),
      startHookedClient({ env: ben.env, cwd: ben.clone }),
    ]);
    const task = await hers.call('start_task', { task: 'Rework the login', files: ['src/auth.ts'] });
    expect(task).toMatchObject({ locks: { acquired: ['src/auth.ts'], conflicts: [] } });
    await his.hook('session-start');

    const edit = await his.edit(join(ben.clone, 'src/auth.ts'));
    expect(edit.said.hookSpecificOutput).toMatchObject({ permissionDecision: 'deny' });
    const reason = edit.said.hookSpecificOutput.permissionDecisionReason as string;
    expect(reason).toContain(`${hers.agentName} (anna, claude-code`);
    expect(reason).toContain('Rework the login');
    expect((await his.edit(join(ben.clone, 'src/index.ts'))).stdout).toBe('');

    const commit = await his.act('echo x >> src/auth.ts && git commit -qam x');
    expect(commit.code).not.toBe(0);
    expect(commit.stderr).toContain(`${hers.agentName} (anna, claude-code`);
    await his.act('git checkout -q src/auth.ts');

    const conflict = await his.call<{ locks: { conflicts: { client: string }[] } }>('start_task', {
      task: 'Fix a typo',
      files: ['src/auth.ts'],
    });
    expect(conflict.locks.conflicts[0]).toMatchObject({ file: 'src/auth.ts', client: 'claude-code of anna' });

    await hers.call('insight', { content: 'Sessions of the login live in Redis for an hour.', key: 'login-sessions' });
    const { results } = await his.call<{ results: { author: string }[] }>('recall', { query: 'login sessions redis' });
    expect(results[0]?.author).toBe(`${hers.agentName} (anna, claude-code)`);
    await Promise.all([hers.close(), his.close()]);
  });

  it('asks for a person who commits without any agent, and lets them pass with a warning', async () => {
    const hers = await startHookedClient({ env: anna.env, cwd: anna.clone });
    await hers.call('start_task', { task: 'Rework the login', files: ['src/auth.ts'] });
    appendFileSync(join(ben.clone, 'src/auth.ts'), 'x\n');
    const person = await startHookedClient({ env: ben.env, cwd: ben.clone, connected: false });
    // A hook of a client without `popstash mcp` asks the server by a process of its own too.
    const edit = await person.edit(join(ben.clone, 'src/auth.ts'));
    expect(edit.said.hookSpecificOutput).toMatchObject({ permissionDecision: 'deny' });
    const commit = await person.run('git commit -qam person');
    expect(commit.stderr).toContain(`${hers.agentName} (anna, claude-code`);
    expect(commit.code).toBe(0);
    await Promise.all([hers.close(), person.close()]);
  });

  it('tells holder and writer of what a shell command has written, on one machine and across clones', async () => {
    const [hers, his, second] = await Promise.all([
      startHookedClient({ env: anna.env, cwd: anna.clone }),
      startHookedClient({ env: ben.env, cwd: ben.clone }),
      startHookedClient({ env: ben.env, cwd: ben.clone }),
    ]);
    await hers.call('start_task', { task: 'Rework the login', files: ['src/auth.ts'] });
    await second.call('start_task', { task: 'Write docs', files: ['docs/**'] });
    const written = await his.bash('echo x >> src/auth.ts; mkdir -p docs; echo y > docs/new.md');
    expect(written.said.reason).toContain(`src/auth.ts: held by ${hers.agentName} (anna`);
    expect(written.said.reason).toContain(`docs/new.md: held by ${second.agentName}`);
    const told = await hers.call('ping');
    expect(JSON.stringify(told)).toContain(`changed in another clone (${ben.clone})`);

    // The holder's own editor, and what git brings, are no writes of the command.
    const own = join(ben.clone, 'docs/new.md');
    const editing = { tool_name: 'Write', tool_input: { file_path: own }, tool_use_id: 'own' };
    await second.hook('pre-tool-use', editing);
    const during = await his.bash(`echo z > docs/new.md; git checkout -q src/auth.ts; sleep 0.1`);
    expect(during.said?.reason ?? '').not.toContain('src/auth.ts');
    await second.hook('post-tool-use', editing);
    await Promise.all([hers.close(), his.close(), second.close()]);
  });

  it('frees what an agent holds soon after its machine is gone', async () => {
    const hers = await startHookedClient({ env: anna.env, cwd: anna.clone });
    await hers.call('acquire', { patterns: ['README.md'] });
    await hers.killServer();
    const held = () =>
      database.pool.query('SELECT FROM locks WHERE agent_id = $1 AND ended_at IS NULL', [hers.agentId]);
    await waitUntil(async () => (await held()).rowCount === 0, 'its lock to end');
    const { rows } = await database.pool.query('SELECT person, status FROM agents WHERE id = $1', [hers.agentId]);
    expect(rows).toEqual([{ person: 'anna', status: 'disconnected' }]);
    await hers.close();
  });
});
