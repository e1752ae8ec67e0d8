// What a task cost is found by the client's own ids, through real connections: nobody is asked, nothing is scanned.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { recordUsage } from '../../../src/accountability/ledger/record-usage.js';
import type { UsageRecord } from '../../../src/accountability/usage.js';

import { ledgerContext } from '../../support/ledger/ledger-fixture.js';
import { type RecordChange, usageRecord } from '../../support/ledger/usage-records.js';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { startHookedClient } from '../../support/processes/hooked-client.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { waitUntil } from '../../support/setup/wait-until.js';

let database: TestDatabase;
let env: EnvironmentChange;

beforeAll(async () => {
  database = await createTestDatabase();
  env = { DATABASE_URL: database.url };
});

/** A call as a client makes it, with the ids that it sends. */
async function callWith<T = Record<string, unknown>>(
  client: TestClient,
  tool: string,
  args: Record<string, unknown>,
  meta: Record<string, unknown>,
): Promise<T> {
  const answer = await client.mcp.callTool({ name: tool, arguments: args, _meta: meta });
  if (answer.isError) throw new Error(JSON.stringify(answer.content));
  return answer.structuredContent as T;
}

const start = (client: TestClient, task: string, meta: Record<string, unknown> = {}) =>
  callWith<{ session_id: string }>(client, 'start_task', { task }, meta);

interface StoredTask {
  client: string | null;
  client_session: string | null;
  start_call_id: string | null;
  end_call_id: string | null;
  status: string;
}

const readTask = async (id: string): Promise<StoredTask | undefined> =>
  (
    await database.pool.query<StoredTask>(
      'SELECT client, client_session, start_call_id, end_call_id, status FROM sessions WHERE id = $1',
      [id],
    )
  ).rows[0];

/** Written behind the answer. */
const untilIdentified = (id: string, check: (task: StoredTask) => boolean) =>
  waitUntil(async () => {
    const task = await readTask(id);
    return task && check(task) ? task : null;
  }, `the ids of ${id}`);

const record = (...rows: UsageRecord[]) => recordUsage(database.pool, ledgerContext, rows);

async function linksOf(session: string): Promise<Record<string, string | null>> {
  const { rows } = await database.pool.query<{ key: string; task: string | null }>(
    `SELECT keys[1] AS key, session_id AS task FROM usage_entries WHERE client_session = $1 AND grade <> 'reported'`,
    [session],
  );
  return Object.fromEntries(rows.map(({ key, task }) => [key.replace('request:', ''), task]));
}

/** A request of now, `seconds` before or after it. */
const request = (session: string, id: string, seconds: number, change: RecordChange = {}) =>
  usageRecord({
    requestId: id,
    sessionId: session,
    at: new Date(Date.now() + seconds * 1_000).toISOString(),
    tokens: { input: 1_000 },
    ...change,
  });

describe('Claude Code', () => {
  const connect = (session: string) =>
    connectClient({ env: { ...env, CLAUDE_CODE_SESSION_ID: session }, clientName: 'claude-code' });

  test('a task has the requests from the call that starts it to the call that ends it, sub-agents included', async () => {
    const session = randomUUID();
    const client = await connect(session);
    const { session_id: task } = await start(client, 'Build it', { 'claudecode/toolUseId': 'toolu_start' });
    await callWith(client, 'report_cost', { tokens_in: 9_000_000, tokens_out: 9, model: 'claude-opus-4-5' }, {});
    await callWith(
      client,
      'end_task',
      { summary: 'done', tokens_in: 5, tokens_out: 5 },
      { 'claudecode/toolUseId': 'toolu_end' },
    );
    expect(await untilIdentified(task, ({ end_call_id }) => end_call_id !== null)).toEqual({
      client: 'claude',
      client_session: session,
      start_call_id: 'toolu_start',
      end_call_id: 'toolu_end',
      status: 'completed',
    });
    await record(
      request(session, 'before', -60),
      request(session, 'first', -50, { toolUseIds: ['toolu_start'] }),
      request(session, 'sub', -45, { isSidechain: true, agentId: 'sub-1' }),
      request(session, 'last', -40, { toolUseIds: ['toolu_end', 'toolu_x'] }),
      request(session, 'after', -30),
    );
    expect(await linksOf(session)).toEqual({ before: null, first: task, sub: task, last: task, after: null });
    // $5 a million of input. What the agent says of itself changes nothing.
    expect(await client.call('session_summary', { session_id: task })).toMatchObject({
      tokens: { tokens_in: 3_000, tokens_out: 0 },
      cost_usd: 0.015,
      grade: 'transcript',
      coverage: { sessions: 1, with_evidence: 1, reported_only: 0, missing: 0 },
    });
  });

  test('requests that were recorded before the call are linked behind its answer', async () => {
    const session = randomUUID();
    const client = await connect(session);
    await record(request(session, 'early', -5, { toolUseIds: ['toolu_early'] }), request(session, 'older', -9));
    const { session_id: task } = await start(client, 'Go on', { 'claudecode/toolUseId': 'toolu_early' });
    await waitUntil(async () => (await linksOf(session)).early === task, 'the link');
    expect((await linksOf(session)).older).toBeNull();
  });

  test('a task that ends with its connection keeps its requests, and has none that came later', async () => {
    const session = randomUUID();
    const client = await connect(session);
    const { session_id: task } = await start(client, 'Left', { 'claudecode/toolUseId': 'toolu_left' });
    await untilIdentified(task, ({ start_call_id }) => start_call_id !== null);
    // Read ahead of its time: a clock that is fast.
    await record(request(session, 'mine', -1, { toolUseIds: ['toolu_left'] }), request(session, 'later', 600));
    expect(await linksOf(session)).toEqual({ mine: task, later: task });
    await client.close();
    await untilIdentified(task, ({ status }) => status === 'abandoned');
    await waitUntil(async () => (await linksOf(session)).later === null, 'the later one is not its own');
    expect((await linksOf(session)).mine).toBe(task);
  });

  test('a session that another client inherited is not its own', async () => {
    const session = randomUUID();
    const other = await connectClient({ env: { ...env, CLAUDE_CODE_SESSION_ID: session }, clientName: 'opencode' });
    const { session_id: task } = await start(other, 'Inherited', { 'ai.opencode/sessionID': 'ses_own' });
    expect(await untilIdentified(task, ({ client }) => client !== null)).toMatchObject({
      client: 'opencode',
      client_session: 'ses_own',
    });
  });

  test('a session that a hook names is that of the active tasks without one', async () => {
    const session = randomUUID();
    const hooked = await startHookedClient({ env, session });
    const { session_id: task } = await hooked.call<{ session_id: string }>('start_task', { task: 'Hooked' });
    await untilIdentified(task, ({ client }) => client !== null);
    await record(request(session, 'meanwhile', 1));
    await hooked.hook('session-start');
    await untilIdentified(task, ({ client_session }) => client_session === session);
    await waitUntil(async () => (await linksOf(session)).meanwhile === task, 'the link');
    await hooked.close();
  });
});

test('Codex and VS Code name their session in each call', async () => {
  const thread = randomUUID();
  const codex = await connectClient({ env, clientName: 'codex-mcp-client' });
  const { session_id: task } = await start(codex, 'In Codex', { threadId: thread });
  expect(await untilIdentified(task, ({ client }) => client !== null)).toMatchObject({
    client: 'codex',
    client_session: thread,
  });
  const code = await connectClient({ env, clientName: 'Visual Studio Code' });
  const conversation = await start(code, 'In VS Code', { 'vscode.conversationId': 'c-1' });
  expect(await untilIdentified(conversation.session_id, ({ client_session }) => client_session !== null)).toMatchObject(
    {
      client: null,
      client_session: 'c-1',
    },
  );
});

test('reports carry the client and its session', async () => {
  const session = randomUUID();
  const client = await connectClient({ env: { ...env, CLAUDE_CODE_SESSION_ID: session }, clientName: 'claude-code' });
  await client.call('report_cost', { tokens_in: 10, tokens_out: 1, model: 'claude-opus-4-5' });
  const { rows } = await database.pool.query(
    `SELECT client, client_session FROM usage_entries WHERE grade = 'reported'`,
  );
  expect(rows).toContainEqual({ client: 'claude', client_session: session });
  const answer = await client.call('report_cost', { tokens_in: 10, tokens_out: 1 });
  expect(answer.coverage).toMatchObject({ missing: expect.any(Number) });
});
