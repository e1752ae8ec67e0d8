import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { connectClient, type TestClient } from '../processes/client.js';
import { runCommand } from '../processes/processes.js';
import type { EnvironmentChange } from '../setup/environment.js';
import { createDataFolder, createFolder } from '../setup/folders.js';
import { addWorktree, createRepository } from '../setup/repositories.js';
import { waitUntil } from '../setup/wait-until.js';

/** A project as they are: long names in several scripts, agents of several clients, waiting calls, replaced memories. */
export interface MessyProject {
  cwd: string;
  env: EnvironmentChange;
  /** Of a decision that has replaced another one. */
  decisionId: string;
}

const BRANCH = 'feature/JIRA-12345-replace-the-payment-provider-abstraction-layer';
const FILES = [
  'src/决済/プロバイダー/支払い処理サービス.ts',
  'packages/payment-provider/src/internal/adapters/adapter.ts',
];
const DIGEST = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'.repeat(3);

/** Clients stay connected until the file's end. */
export async function createMessyProject(): Promise<MessyProject> {
  const env = { POPSTASH_DATA_DIR: createDataFolder(), POPSTASH_TIMEZONE: 'America/Argentina/ComodRivadavia' };
  const cwd = createRepository(join(realpathSync(createFolder()), 'a project with a name of its own 重构-付款'), FILES);
  const connect = (clientName: string, folder = cwd) => connectClient({ env, cwd: folder, clientName });
  const [first = '', second = ''] = FILES;

  const holder = await connect('claude-code');
  await holder.call('start_task', { task: '重构支付模块，并修复等待队列里的竞争条件。然后写测试。', files: [first] });
  const other = await connect('a-client-whose-name-is-as-long-as-names-of-clients-get', addWorktree(cwd, BRANCH));
  await other.call('start_task', { task: 'Replace the payment provider abstraction', files: [second, 'docs/**'] });
  const decisionId = await remember(holder, other);
  await connect('cursor');
  await report(holder, other);
  await wait(await connect('codex'), first, { env, cwd });
  return { cwd, env, decisionId };
}

/** Until the file's end: each call waits as long as one may, and is made again. */
async function wait(client: TestClient, path: string, { env, cwd }: Omit<MessyProject, 'decisionId'>): Promise<void> {
  const ask = (): Promise<unknown> => client.call('acquire', { patterns: [path], wait_seconds: 50 }).then(ask);
  ask().catch(() => undefined);
  const isWaiting = async () => {
    const { stdout } = await runCommand(['status', '--json'], { env, cwd });
    return JSON.parse(stdout).waits.length > 0;
  };
  await waitUntil(isWaiting, 'an agent that waits', { intervalMs: 200 });
}

async function remember(first: TestClient, second: TestClient): Promise<string> {
  const topic = 'payment provider timeouts and retries';
  const decision = { topic, decision: 'Three retries.', reasoning: 'It is what others do.' };
  const { decision_id: supersedes } = await first.call<{ decision_id: string }>('decide', decision);
  const { decision_id: id } = await second.call<{ decision_id: string }>('decide', {
    topic,
    decision: `Five retries with jitter, and a digest of each request: ${DIGEST}`,
    reasoning: '供应商建议如此。 ありがとう。 '.repeat(6),
    supersedes,
  });
  await second.call('insight', {
    key: 'ci/flaky/支払い処理サービス',
    content: `The test of 支払い処理サービス fails when the clock moves.\n\n- see ${DIGEST}\n- 👩‍💻 asks`,
  });
  await first.call('stash', {
    name: 'half way through the refactoring of payments',
    summary: 'Types are done. '.repeat(40),
  });
  return id;
}

async function report(...agents: readonly TestClient[]): Promise<void> {
  const models = ['claude-opus-4-5', 'a-model-of-our-own-with-a-long-name-that-nobody-has-a-price-for'];
  for (const [index, agent] of agents.entries()) {
    const model = models[index % models.length];
    await agent.call('report_cost', { tokens_in: 1_234_567, tokens_out: 89_012, cache_read_tokens: 99_999_999, model });
  }
}
