// The revision of 2026-07-28 over HTTP: no session, an agent is the handle of its start_task, whichever process answers.
import { beforeAll, describe, expect, test } from 'vitest';
import { envelope, MODERN } from '../../support/processes/line-client.js';
import { createStatelessClient, type StatelessClient } from '../../support/processes/stateless-client.js';
import { createToken, startTeamServer } from '../../support/processes/team-server.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { testServices } from '../../support/setup/services.js';
import { waitUntil } from '../../support/setup/wait-until.js';

interface Started {
  agent_id: string;
  session_id?: string;
  locks: { acquired: string[]; conflicts: { file: string; session_id?: string }[] };
}
interface Working {
  active_agents: { agent_id: string; task: string; files_locked: string[] }[];
  idle_agents: { agent_id: string }[];
}

let anna: StatelessClient;
/** The same member at another process of the server. */
let annaElsewhere: StatelessClient;
let ben: StatelessClient;
/** A server process where agents end after five seconds without a call. */
let brief: StatelessClient;
let briefStarted: Started;

const start = (client: StatelessClient, task: string, ...files: string[]) =>
  client.call<Started>('start_task', { task, files });

beforeAll(async () => {
  const database = await createTestDatabase();
  const env = { DATABASE_URL: database.url, REDIS_URL: testServices().redisUrl };
  const [one, two, three] = await Promise.all([
    startTeamServer(env),
    startTeamServer(env),
    startTeamServer({ ...env, POPSTASH_HTTP_IDLE_SECONDS: '5' }),
  ]);
  const [hers, his] = await Promise.all([createToken(env, 'anna'), createToken(env, 'ben')]);
  anna = createStatelessClient(one.url, hers);
  annaElsewhere = createStatelessClient(two.url, hers);
  ben = createStatelessClient(one.url, his);
  brief = createStatelessClient(three.url, his);
  briefStarted = await start(brief, 'Falls silent', 'silent.ts');
});

describe('a request that stands alone', () => {
  test('discover, lists and reads make no agent, and say how long they last', async () => {
    expect(await anna.ask('server/discover')).toMatchObject({
      result: { supportedVersions: [MODERN], resultType: 'complete', capabilities: { resources: { subscribe: true } } },
    });
    expect(await anna.ask('tools/list')).toMatchObject({
      result: { resultType: 'complete', ttlMs: expect.any(Number), cacheScope: 'public' },
    });
    const { result } = await anna.ask('resources/read', { uri: 'popstash://locks' });
    expect(result).toMatchObject({ contents: [{ uri: 'popstash://locks' }] });
    await anna.call('recall', { query: 'anything' });
    const { active_agents, idle_agents } = await anna.call<Working>('who_is_working');
    expect([...active_agents, ...idle_agents].map(({ agent_id }) => agent_id)).toEqual([briefStarted.agent_id]);
  });

  test('headers must be there and agree; unknown revisions and methods are refused by what the revision says', async () => {
    const list = { jsonrpc: '2.0', id: 7, method: 'tools/list', params: { _meta: envelope() } };
    const cases: [string, unknown, Record<string, string | null>, number, number][] = [
      ['no version header', list, { 'mcp-protocol-version': null, 'mcp-method': 'tools/list' }, 400, -32_020],
      [
        'another version header',
        list,
        { 'mcp-protocol-version': '2025-11-25', 'mcp-method': 'tools/list' },
        400,
        -32_020,
      ],
      ['no method header', list, {}, 400, -32_020],
      ['another method header', list, { 'mcp-method': 'tools/call' }, 400, -32_020],
      [
        'another name header',
        { ...list, method: 'tools/call', params: { ...list.params, name: 'ping' } },
        { 'mcp-method': 'tools/call', 'mcp-name': 'recall' },
        400,
        -32_020,
      ],
      [
        'unknown revision',
        { ...list, params: { _meta: envelope('2031-01-01') } },
        { 'mcp-protocol-version': '2031-01-01', 'mcp-method': 'tools/list' },
        400,
        -32_022,
      ],
      ['no envelope', { ...list, params: {} }, { 'mcp-method': 'tools/list' }, 400, -32_602],
      ['unknown method', { ...list, method: 'ping' }, { 'mcp-method': 'ping' }, 404, -32_601],
    ];
    for (const [name, body, headers, status, code] of cases) {
      const answer = await anna.send(body, headers);
      expect([answer.status, answer.messages[0]?.error?.code, answer.messages[0]?.id], name).toEqual([status, code, 7]);
    }
    const notification = { jsonrpc: '2.0', method: 'notifications/anything', params: { _meta: envelope() } };
    expect(await anna.send(notification, {})).toMatchObject({ status: 202, messages: [] });
  });
});

describe('an agent by its handle', () => {
  test('is the same at every process, and nobody else without it', async () => {
    const { session_id, agent_id } = await start(anna, 'Moves', 'one.ts');
    const other = await start(anna, 'Another conversation', 'one.ts');
    // Whose handle that is is not told: two clients of one member are two conversations.
    expect(other.locks.conflicts).toEqual([expect.not.objectContaining({ session_id })]);
    for (const [tool, args] of [
      ['acquire', { patterns: ['two.ts'] }],
      ['release', { patterns: ['one.ts'] }],
      ['end_task', { summary: 'whose?' }],
    ] as const) {
      await expect(anna.call(tool, args), tool).rejects.toThrow(/session_id is required.*start_task/s);
    }
    await anna.call('insight', { content: 'Written without a handle' });
    await annaElsewhere.call('acquire', { patterns: ['two.ts'], session_id });
    const { active_agents } = await anna.call<Working>('who_is_working');
    expect(active_agents.find((agent) => agent.agent_id === agent_id)?.files_locked).toEqual(['one.ts', 'two.ts']);
    await anna.call('end_task', { summary: 'done', session_id });
    expect((await start(annaElsewhere, 'Takes both', 'one.ts', 'two.ts')).locks.acquired).toHaveLength(2);
  });

  test("is not another member's", async () => {
    const { session_id } = await start(anna, 'Hers', 'hers.ts');
    await expect(ben.call('release', { patterns: ['hers.ts'], session_id })).rejects.toThrow(/another member's/);
    await expect(ben.call('end_task', { summary: 'x', session_id })).rejects.toThrow(/another member's/);
    await anna.call('end_task', { summary: 'done', session_id });
  });

  test('that is silent for too long ends with its locks; a later call goes on with the task', async () => {
    const { session_id } = briefStarted;
    await waitUntil(
      async () => (await start(ben, 'Takes over', 'silent.ts')).locks.conflicts.length === 0,
      'the lock to be free',
    );
    expect(await brief.call('acquire', { patterns: ['loud.ts'], session_id })).toMatchObject({
      acquired: [{ pattern: 'loud.ts' }],
    });
    await brief.call('end_task', { summary: 'done', session_id });
  });
});

describe('a response that is a stream', () => {
  test('progress of a call that waits, which is cancelled by closing it', async () => {
    const holder = await start(anna, 'Holds', 'held.ts');
    const waiter = await start(ben, 'Waits', 'mine.ts');
    const args = { patterns: ['held.ts'], wait_seconds: 45, session_id: waiter.session_id };
    const waiting = ben.open('tools/call', { name: 'acquire', arguments: args }, { progressToken: 'p' });
    expect(await ben.notified(waiting, 'notifications/progress')).toMatchObject({ params: { progressToken: 'p' } });
    waiting.drop();
    const silently = ben.open('tools/call', { name: 'acquire', arguments: args });
    const isQueued = async (count: number) => {
      const { result } = await ben.ask('resources/read', { uri: 'popstash://locks' });
      const [content] = (result?.contents ?? []) as { text: string }[];
      return JSON.parse(content?.text ?? '').waiting.length === count;
    };
    await waitUntil(() => isQueued(1), 'the second call to wait');
    silently.drop();
    await waitUntil(() => isQueued(0), 'the queue to be left');
    await anna.call('end_task', { summary: 'done', session_id: holder.session_id });
    const { active_agents } = await anna.call<Working>('who_is_working');
    expect(active_agents.find(({ agent_id }) => agent_id === waiter.agent_id)?.files_locked).toEqual(['mine.ts']);
  });

  test('changes of resources', async () => {
    const listening = anna.open('subscriptions/listen', {
      notifications: { resourceSubscriptions: ['popstash://decisions'] },
    });
    expect(await anna.notified(listening, 'notifications/subscriptions/acknowledged')).toMatchObject({
      params: { notifications: { resourceSubscriptions: ['popstash://decisions'] } },
    });
    await ben.call('decide', { topic: 'Streams', decision: 'Changes are told', reasoning: 'Because' });
    expect(await anna.notified(listening, 'notifications/resources/updated')).toMatchObject({
      params: { uri: 'popstash://decisions' },
    });
    expect(listening.messages.filter(({ params }) => params?.uri === 'popstash://timeline')).toEqual([]);
    listening.drop();
  });
});
