// What start_task gives an agent to begin with: what is relevant and nothing else, within its budget of tokens.
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, test } from 'vitest';
import { wordedAuthor } from '../support/memory/worded-author.js';
import { connectClient, type TestClient } from '../support/processes/client.js';
import { createFolder } from '../support/setup/folders.js';
import { waitUntil } from '../support/setup/wait-until.js';

interface Started {
  session_id: string;
  locks: { acquired: string[] };
  context: {
    relevant_stashes: { name: string; summary: string; age: string; author: string }[];
    relevant_insights: { key?: string; insight_id?: string; content: string; author: string }[];
    recent_decisions: { topic: string; decision: string; reasoning?: string }[];
    other_agents: { id: string; task: string; files: string[]; more_files?: number }[];
    left_out?: { stashes?: number; insights?: number; decisions?: number; agents?: number };
  };
  degraded?: string[];
}

/** Tokens (o200k) of a default answer: P14 in docs/trials-and-figures.md. */
const MAX_TOKENS = 1_000;

const count = (answer: unknown) => encode(JSON.stringify(answer)).length;

/** Starts the task and ends it again, until the search by meaning was in time: a busy machine may miss its deadline. */
async function startWithMeaning(client: TestClient, args: Record<string, unknown>): Promise<Started> {
  return waitUntil(async () => {
    const started = await client.call<Started>('start_task', args);
    await client.call('end_task', { summary: 'Only looked', session_id: started.session_id });
    return !started.degraded && started;
  }, 'a start with the query understood by meaning');
}

test('what is known of a task is chosen by relevance to it, with its author', async () => {
  const client = await connectClient({ cwd: createFolder('ps-context-'), clientName: 'alice' });
  await client.call('insight', {
    key: 'sign-in',
    content: 'Users log in with signed JSON web tokens; see lib/auth.ex.',
  });
  await client.call('insight', { content: 'The office coffee machine is descaled on the first Monday of a month.' });
  await client.call('decide', {
    topic: 'auth',
    decision: 'Use Guardian for JWT',
    reasoning: 'Better Plug integration',
  });
  await client.call('decide', { topic: 'typography', decision: 'Headlines of the landing page are set in Inter.' });
  await client.call('stash', { name: 'auth-research', summary: 'Compared Guardian and Pow for JWT authentication.' });
  await client.call('stash', { name: 'invoices', summary: 'PDF export of invoices: page breaks still to do.' });
  const task = { task: 'Add JWT authentication so that users can log in', files: ['lib/auth.ex'] };
  const { context } = await startWithMeaning(client, task);
  expect(context).toEqual({
    relevant_stashes: [
      {
        name: 'auth-research',
        summary: 'Compared Guardian and Pow for JWT authentication.',
        age: expect.any(String),
        author: wordedAuthor('alice'),
      },
    ],
    relevant_insights: [
      {
        key: 'sign-in',
        content: 'Users log in with signed JSON web tokens; see lib/auth.ex.',
        age: expect.any(String),
        author: wordedAuthor('alice'),
      },
    ],
    recent_decisions: [
      {
        topic: 'auth',
        decision: 'Use Guardian for JWT',
        reasoning: 'Better Plug integration',
        age: expect.any(String),
        author: wordedAuthor('alice'),
      },
    ],
    other_agents: [],
  });
});

test('without anything on the matter the context is empty', async () => {
  const client = await connectClient({ cwd: createFolder('ps-context-') });
  await client.call('insight', { content: 'The office coffee machine is descaled on the first Monday of a month.' });
  const { context } = await startWithMeaning(client, { task: 'Make the search index smaller' });
  expect(context).toEqual({ relevant_stashes: [], relevant_insights: [], recent_decisions: [], other_agents: [] });
});

const prose =
  'Authentication tokens are verified by the plug in lib/auth_plug.ex before the router runs; expired ones are answered with 401 and a JSON body, never with a redirect. ';
const texts: Record<string, (n: number) => string> = {
  prose: (n) => prose.repeat(1 + (n % 9)),
  code: (n) =>
    `authentication: ${'export async function verify(token: string): Promise<Claims | null> { const { payload } = await jwtVerify(token, keys[kid]!); return payload?.exp! > now() ? (payload as Claims) : null; }\n'.repeat(1 + (n % 6))}`,
  german: (n) =>
    `Die Authentifizierung (authentication) prüft Zugriffstoken im Modul für Überprüfungen, bevor der Router läuft. ${'Größere Änderungen müssen abgestimmt werden. '.repeat(1 + (n % 12))}`,
  chinese: (n) =>
    `authentication 身份验证令牌在路由器运行之前由插件验证。${'过期的令牌返回401错误和JSON正文。'.repeat(1 + (n % 20))}`,
  ids: (n) =>
    `authentication incidents: ${Array.from({ length: 8 + n }, (_, i) => `req_${(i * 7919 + n * 104_729).toString(36)}x${(i * 1_299_709).toString(36)}`).join(' ')}`,
};

test.each(Object.entries(texts))(
  'P14: a project full of notes (%s) still answers within its budget',
  async (_, text) => {
    const cwd = createFolder('ps-context-');
    const client = await connectClient({ cwd, clientName: 'claude-code' });
    for (let n = 0; n < 8; n += 1) {
      await client.call('insight', { key: `authentication-note-${n}`, content: text(n) });
      await client.call('decide', { topic: `authentication part ${n}`, decision: text(n), reasoning: text(n + 1) });
      await client.call('stash', { name: `authentication-wip-${n}`, summary: text(n), files: ['lib/auth.ex'] });
    }
    const others = await Promise.all(
      Array.from({ length: 4 }, (_, i) => connectClient({ cwd, clientName: `colleague-${i}` })),
    );
    for (const [i, other] of others.entries()) {
      await other.call('start_task', {
        task: `${text(i)} part ${i}`,
        files: Array.from({ length: 6 }, (_, j) => `lib/part_${i}/module_${j}.ex`),
      });
    }
    const started = await client.call<Started>('start_task', {
      task: 'Rework the authentication of the API',
      files: ['lib/auth.ex', 'lib/router.ex'],
    });
    const { context } = started;
    expect(count(started)).toBeLessThanOrEqual(MAX_TOKENS);
    // The budget is there to be used.
    expect(count(started)).toBeGreaterThan(0.6 * MAX_TOKENS);
    const shown = [...context.relevant_stashes, ...context.relevant_insights, ...context.recent_decisions];
    expect(shown.length).toBeGreaterThanOrEqual(6);
    expect(context.other_agents.length).toBeGreaterThan(0);
    expect(context.left_out?.insights).toBe(8 - context.relevant_insights.length);
  },
);
