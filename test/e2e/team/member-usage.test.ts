// What clients on members' machines write to their transcripts is in the team's ledger, under person, client and agent.
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
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
let requests = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  const env = { DATABASE_URL: database.url, REDIS_URL: testServices().redisUrl };
  const { url } = await startTeamServer(env);
  const origin = createRepository();
  [anna, ben] = await Promise.all([setUpMachine(env, url, 'anna', origin), setUpMachine(env, url, 'ben', origin)]);
});

/** Adds an answer of a model to a transcript, as Claude Code writes it: 1,000 tokens in and 100 out, so 0.0075 dollars. */
function answer({ env }: Machine, session: string, cwd: string, content: object[] = []): string {
  requests += 1;
  const usage = { input_tokens: 1_000, output_tokens: 100 };
  const message = { id: `msg_${requests}`, model: 'claude-opus-4-5', stop_reason: 'end_turn', content, usage };
  const at = { timestamp: new Date().toISOString(), cwd, sessionId: session };
  const folder = join(env.HOME ?? '', '.claude', 'projects', cwd.replaceAll('/', '-'));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${session}.jsonl`);
  appendFileSync(path, `${JSON.stringify({ type: 'assistant', requestId: `req_${requests}`, ...at, message })}\n`);
  return path;
}

async function costs({ env, clone }: Machine, by: string) {
  const { stdout } = await runCommand(['costs', '--json', '--by', by], { env, cwd: clone });
  return JSON.parse(stdout) as { rows: { key: string }[]; total: { requests: number; cost_usd: string } };
}

describe('the ledger of a team', () => {
  it("has what a member's client has used in a task, for all members to see", async () => {
    const client = await startHookedClient({ env: anna.env, cwd: anna.clone, session: 'hers' });
    await client.call('start_task', { task: 'Count', files: [] });
    const transcript_path = answer(anna, 'hers', anna.clone);
    await client.hook('post-tool-use', { tool_name: 'Bash', tool_input: { command: 'true' }, transcript_path });
    await waitUntil(async () => (await costs(ben, 'agent')).total.requests === 1, 'the request');
    const ended = await client.call<{ cost_usd: number; session_id: string }>('end_task', { summary: 'Counted' });
    expect(ended.cost_usd).toBe(0.0075);

    expect(await costs(ben, 'task')).toMatchObject({ rows: [{ key: ended.session_id }], total: { requests: 1 } });
    const { stdout } = await runCommand(['costs', '--by', 'agent'], { env: ben.env, cwd: ben.clone });
    expect(stdout).toContain(`${client.agentName} (anna, claude-code`);
    await client.close();
  });

  it('has no word of repositories that the team does not know, nor their names', async () => {
    const secret = join(createRepository());
    answer(ben, 'private', secret);
    const client = await startHookedClient({ env: ben.env, cwd: ben.clone, session: 'his' });
    const transcript_path = answer(ben, 'his', ben.clone);
    await client.hook('stop', { transcript_path });
    await waitUntil(async () => (await costs(anna, 'agent')).total.requests === 2, 'the request');
    const scan = await runCommand(['costs', 'scan', '--json'], { env: ben.env, cwd: ben.clone });
    expect(JSON.parse(scan.stdout)).toMatchObject({ files_found: 2, new_requests: 0, files_not_read: 0 });
    const { rows } = await database.pool.query('SELECT DISTINCT cwd FROM usage_entries ORDER BY cwd');
    expect(rows.map(({ cwd }) => cwd)).toEqual([anna.clone, ben.clone].sort());
    expect((await database.pool.query('SELECT FROM transcript_files')).rowCount).toBe(0);
    const { rows: roots } = await database.pool.query('SELECT root FROM projects WHERE root LIKE $1', [`%${secret}%`]);
    expect(roots).toEqual([]);
    await client.close();

    // Once an agent works there, all of it is read.
    const there = await startHookedClient({ env: ben.env, cwd: secret, session: 'there' });
    await there.call('ping');
    const again = await runCommand(['costs', 'scan', '--json'], { env: ben.env, cwd: secret });
    expect(JSON.parse(again.stdout)).toMatchObject({ new_requests: 1 });
    await there.close();
  });

  it('is read by one process of the machine, which ends with its agents and leaves its positions there', async () => {
    const dataDir = anna.env.POPSTASH_DATA_DIR ?? '';
    const positions = readdirSync(dataDir).filter((file) => /^reader-.*\.json$/.test(file));
    expect(positions).toHaveLength(1);
    expect(readFileSync(join(dataDir, positions[0] ?? ''), 'utf8')).toContain('hers.jsonl');
    const ended = () => readFileSync(join(dataDir, 'reader.log'), 'utf8').includes('no front is connected');
    await waitUntil(async () => ended(), 'its end');
  });
});
