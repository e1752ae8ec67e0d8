// What a client writes to its transcript becomes an entry of the task, without the agent's word: by hooks, by the end of a task
// and by the look at all files, in both modes. In server mode a process of the user's machine reads.
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { HookedClient } from '../../support/processes/hooked-client.js';
import { startHookedClient } from '../../support/processes/hooked-client.js';
import { runCommand } from '../../support/processes/processes.js';
import { createTestDatabase } from '../../support/setup/database.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder, createFolder } from '../../support/setup/folders.js';
import { testServices } from '../../support/setup/services.js';
import { waitUntil } from '../../support/setup/wait-until.js';

interface Costs {
  rows: { key: string | null; requests: number; cost_usd: string | null; grades: Record<string, unknown> }[];
  total: { requests: number; tokens: { input: number; output: number }; cost_usd: string | null };
}

let requests = 0;

/** An answer of a model, as Claude Code writes it: 1,000 tokens in and 100 out, so 0.0075 dollars. */
function answer(session: string, cwd: string): string {
  requests += 1;
  const message = {
    id: `msg_${requests}`,
    model: 'claude-opus-4-5',
    stop_reason: 'end_turn',
    content: [],
    usage: { input_tokens: 1_000, output_tokens: 100 },
  };
  const at = { timestamp: new Date().toISOString(), cwd, sessionId: session };
  return `${JSON.stringify({ type: 'assistant', requestId: `req_${requests}`, ...at, message })}\n`;
}

describe.each(['embedded', 'server'] as const)('%s mode', (mode) => {
  const home = createFolder('ps-home-');
  const dataDir = createDataFolder();
  const env: Record<string, string> = { HOME: home, POPSTASH_DATA_DIR: dataDir };
  const projects = join(home, '.claude', 'projects', '-repo');
  mkdirSync(projects, { recursive: true });

  beforeAll(async () => {
    if (mode === 'embedded') return;
    const { url } = await createTestDatabase();
    Object.assign(env, { DATABASE_URL: url, REDIS_URL: testServices().redisUrl });
  });

  async function costs(cwd: string, ...args: string[]): Promise<Costs> {
    const { stdout } = await runCommand(['costs', '--json', ...args], { env: env as EnvironmentChange, cwd });
    return JSON.parse(stdout) as Costs;
  }

  const connect = (session: string, cwd: string): Promise<HookedClient> => startHookedClient({ env, cwd, session });

  /** The process that has said last that it reads. */
  function readerPid(): number {
    const said = readFileSync(join(dataDir, 'reader.log'), 'utf8').split('\n');
    const last = said.filter((line) => line.includes('"listening"')).at(-1);
    return JSON.parse(last ?? '{}').pid;
  }

  test('after a hook that names the transcript', async () => {
    const cwd = createFolder('ps-repo-');
    const client = await connect('first', cwd);
    const transcript_path = join(projects, 'first.jsonl');
    appendFileSync(transcript_path, answer('first', cwd));
    await client.hook('stop', { transcript_path });
    await waitUntil(async () => (await costs(cwd)).total.requests === 1, 'the first request');
    appendFileSync(transcript_path, answer('first', cwd));
    const subagent = join(projects, 'first', 'subagents');
    mkdirSync(subagent, { recursive: true });
    const agent_transcript_path = join(subagent, 'agent-x.jsonl');
    // The hook comes before the last row is on disk.
    const stopped = client.hook('subagent-stop', { transcript_path, agent_transcript_path, agent_id: 'x' });
    appendFileSync(agent_transcript_path, answer('first', cwd));
    await stopped;
    const { total } = await waitUntil(async () => {
      const now = await costs(cwd);
      return now.total.requests === 3 && now;
    }, 'the sub-agent');
    expect(total).toMatchObject({ tokens: { input: 3_000, output: 300 }, cost_usd: expect.stringMatching(/^0\.0225/) });
    await client.close();
  });

  test('at the end of a task, without any hook', async () => {
    const cwd = createFolder('ps-repo-');
    const client = await connect('second', cwd);
    await client.call('start_task', { task: 'Count', files: [] });
    appendFileSync(join(projects, 'second.jsonl'), answer('second', cwd));
    await client.call('end_task', { summary: 'ok' });
    const { rows } = await waitUntil(async () => {
      const now = await costs(cwd, '--by', 'client');
      return now.total.requests === 1 && now;
    }, 'the request');
    expect(rows).toMatchObject([{ key: 'claude', requests: 1, grades: { transcript: { requests: 1 } } }]);
    await client.close();
  });

  test('a hook that names no transcript of its client does no harm', async () => {
    const cwd = createFolder('ps-repo-');
    const client = await connect('third', cwd);
    const { code } = await client.hook('stop', { transcript_path: '/etc/shadow' });
    expect(code).toBe(0);
    expect((await client.hook('stop', { transcript_path: join(cwd, 'none.jsonl') })).code).toBe(0);
    expect((await costs(cwd)).total.requests).toBe(0);
    await client.close();
  });

  // The local server reads by itself.
  if (mode === 'embedded') return;

  test('a reader that was killed is started again by the next order', async () => {
    const cwd = createFolder('ps-repo-');
    const transcript_path = join(projects, 'killed.jsonl');
    const client = await connect('killed', cwd);
    const readRow = async (requests: number) => {
      appendFileSync(transcript_path, answer('killed', cwd));
      await client.hook('stop', { transcript_path });
      await waitUntil(async () => (await costs(cwd)).total.requests === requests, `request ${requests}`);
    };
    await readRow(1);
    const pid = readerPid();
    process.kill(pid, 'SIGKILL');
    await readRow(2);
    expect(readerPid()).not.toBe(pid);
    await client.close();
  });

  test('one reader of the machine, which ends with the last front', async () => {
    const cwd = createFolder('ps-repo-');
    const [first, second] = await Promise.all([connect('a', cwd), connect('b', cwd)]);
    appendFileSync(join(projects, 'late.jsonl'), answer('late', cwd));
    await Promise.all([first.call('end_task').catch(() => undefined), second.hook('stop')]);
    const log = join(dataDir, 'reader.log');
    await waitUntil(() => readFileSync(log, 'utf8').includes('listening'), 'the reader');
    await waitUntil(async () => (await costs(cwd)).total.requests === 1, 'the request');
    expect(readdirSync(dataDir).filter((name) => name.endsWith('.lock') && name.startsWith('reader-'))).toHaveLength(1);
    await Promise.all([first.close(), second.close()]);
    await waitUntil(() => readFileSync(log, 'utf8').includes('no front is connected'), 'its end');
  });
});
