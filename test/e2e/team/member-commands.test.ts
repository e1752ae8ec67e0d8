// What a member asks on the command line is answered by the team's server, or refused in one line: never by an empty local store.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type HookedClient, startHookedClient } from '../../support/processes/hooked-client.js';
import { runCommand } from '../../support/processes/processes.js';
import { type Machine, setUpMachine, startTeamServer } from '../../support/processes/team-server.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { MAIN } from '../../support/setup/folders.js';
import { createRepository } from '../../support/setup/repositories.js';
import { testServices } from '../../support/setup/services.js';

let url: string;
let anna: Machine;
let ben: Machine;
let hers: HookedClient;

beforeAll(async () => {
  const database = await createTestDatabase();
  const env = { DATABASE_URL: database.url, REDIS_URL: testServices().redisUrl };
  ({ url } = await startTeamServer(env));
  const origin = createRepository();
  [anna, ben] = await Promise.all([setUpMachine(env, url, 'anna', origin), setUpMachine(env, url, 'ben', origin)]);
  hers = await startHookedClient({ env: anna.env, cwd: anna.clone });
  await hers.call('start_task', { task: 'Rework the login', files: ['src/auth.ts'] });
  await hers.call('insight', { content: 'Sessions of the login live in Redis for an hour.', key: 'login-sessions' });
});

async function ask(args: string[], machine = ben) {
  const { code, stdout, stderr } = await runCommand(args, { env: machine.env, cwd: machine.clone });
  return { code, stdout, stderr };
}

async function askJson(args: string[], machine = ben) {
  const { code, stdout, stderr } = await ask([...args, '--json'], machine);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe("a member's command", () => {
  it('shows what the agents of other members do, hold and have stored', async () => {
    const status = await askJson(['status']);
    expect(status).toMatchObject({ running: true, mode: 'server', locks: [{ pattern: 'src/auth.ts' }] });
    expect(status.status).toMatchObject({ agents: [{ name: hers.agentName }], insights: 1 });
    expect(status.cost_today).not.toBeNull();
    expect((await ask(['status'])).stdout).toContain('anna');
    expect((await askJson(['locks'])).locks[0].holder).toMatchObject({ client: 'claude-code', person: 'anna' });

    const { memories } = await askJson(['list']);
    expect(memories).toMatchObject([
      { kind: 'insight', name: 'login-sessions', author: { name: 'claude-code of anna' } },
    ]);
    // No worker runs here: it says that words alone were looked for.
    const { hits } = JSON.parse((await ask(['search', 'login', 'sessions', 'redis', '--json'])).stdout);
    expect(hits[0]).toMatchObject({ name: 'login-sessions', author: expect.stringContaining('anna') });
    expect((await ask(['show', memories[0].id])).stdout).toContain('live in Redis');
    expect((await ask(['timeline'])).stdout).toContain('Rework the login');
    expect(await askJson(['costs'])).toMatchObject({ total: { requests: 0 } });
    expect(await askJson(['projects'])).toMatchObject({ projects: [{ memories: 1, agents: 1 }] });
    expect((await ask(['export'])).stdout).toContain('live in Redis');
  });

  it('writes as the person of the token, whatever the user is called here', async () => {
    const [{ id }] = (await askJson(['list'])).memories;
    await askJson(['forget', id, '--reason', 'no longer true']);
    expect(await askJson(['list'])).toMatchObject({ memories: [] });
    expect((await ask(['timeline', '--type', 'forget'])).stdout).toContain('ben');
  });

  it("takes a lock from another member's agent for a person, and not for an agent", async () => {
    await hers.call('acquire', { patterns: ['docs/'] });
    const his = await startHookedClient({ env: ben.env, cwd: ben.clone });
    const release = `"${process.execPath}" "${MAIN}" locks release docs --force --reason "it hangs"`;
    const byAgent = await his.act(release);
    expect(byAgent.stderr).toContain('Only a person takes a lock');
    expect(byAgent.stderr).toContain(`${his.agentName} (ben, claude-code`);
    const byPerson = await his.run(release);
    expect(byPerson).toMatchObject({ code: 0, stdout: expect.stringContaining(hers.agentName) });
    const held = (await askJson(['locks'])).locks.map(({ pattern }: { pattern: string }) => pattern);
    expect(held).toEqual(['src/auth.ts']);
    await his.close();
  });

  it('says in doctor that the server answers, and of which version it is', async () => {
    const { stdout } = await ask(['doctor', '--json']);
    const { checks } = JSON.parse(stdout) as { checks: { name: string; state: string; detail: string }[] };
    expect(checks.find(({ name }) => name === 'team server')).toMatchObject({ state: 'ok' });
    expect(checks.map(({ name }) => name)).not.toContain('store');
  });

  it('is refused in one line where it would be about a local store', async () => {
    const { code, stdout, stderr } = await ask(['up']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(url);
    expect(await ask(['logs'])).toMatchObject({ code: 1, stderr: expect.stringContaining('where it runs') });
  });

  it('needs a token, says so, and says when the server is away', async () => {
    const { POPSTASH_TOKEN: _token, ...tokenless } = ben.env;
    const without = await ask(['status'], { ...ben, env: tokenless });
    expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining('POPSTASH_TOKEN is not set') });
    const wrong = await ask(['status'], { ...ben, env: { ...ben.env, POPSTASH_TOKEN: `${ben.env.POPSTASH_TOKEN}x` } });
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('does not know this token') });
    const away = await ask(['list'], { ...ben, env: { ...ben.env, POPSTASH_URL: 'http://127.0.0.1:9' } });
    expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining("can't be reached") });
    expect(existsSync(join(ben.env.POPSTASH_DATA_DIR ?? '', 'server.log'))).toBe(false);
  });
});
