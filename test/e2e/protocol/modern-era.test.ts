// The revision of 2026-07-28: each request stands alone, and an agent is the handle of its start_task.
import { beforeAll, describe, expect, test } from 'vitest';
import { connectClient } from '../../support/processes/client.js';
import { envelope, type LineClient, MODERN, openLineClient } from '../../support/processes/line-client.js';
import { createTestDatabase } from '../../support/setup/database.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder } from '../../support/setup/folders.js';
import { waitUntil } from '../../support/setup/wait-until.js';

interface Started {
  agent_id: string;
  session_id?: string;
  continued_task?: string;
  locks: { acquired: string[]; conflicts: { file: string; held_by: string; session_id?: string }[] };
  suggestion?: string;
}
interface Working {
  active_agents: { agent_id: string; task: string; files_locked: string[]; you?: boolean }[];
  idle_agents: { agent_id: string }[];
}

describe.each(['embedded', 'server'] as const)('%s mode', (mode) => {
  let env: EnvironmentChange;
  let observer: LineClient;

  const working = () => observer.call<Working>('who_is_working');
  const start = (client: LineClient, args: Record<string, unknown>) => client.call<Started>('start_task', args);

  beforeAll(async () => {
    env = { POPSTASH_DATA_DIR: createDataFolder() };
    if (mode === 'server') env = { ...env, DATABASE_URL: (await createTestDatabase()).url };
    observer = openLineClient(env);
    await observer.call('ping');
  });

  test('discover tells what there is and makes no agent; each result says what it is and how long it lasts', async () => {
    const client = openLineClient(env);
    const { result } = await client.ask('server/discover');
    expect(result).toMatchObject({
      supportedVersions: [MODERN],
      resultType: 'complete',
      ttlMs: expect.any(Number),
      capabilities: { tools: {}, resources: { subscribe: true }, prompts: {}, completions: {} },
      instructions: expect.stringContaining('session_id'),
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'popstash' } },
    });
    const { result: listed } = await client.ask('tools/list');
    expect(listed).toMatchObject({ resultType: 'complete', ttlMs: expect.any(Number), cacheScope: 'public' });
    expect((await client.ask('tools/call', { name: 'recall', arguments: { query: 'x' } })).result).toMatchObject({
      resultType: 'complete',
    });
    expect(await client.end()).toBe(0);
    expect(await working()).toMatchObject({ active_agents: [], idle_agents: [] });
  });

  test('an unknown revision is refused with those that are known; the connection goes on', async () => {
    const client = openLineClient(env);
    const { error } = await client.ask('tools/list', {}, envelope('2031-01-01'));
    expect(error).toMatchObject({ code: -32_022, data: { supported: [MODERN], requested: '2031-01-01' } });
    expect((await client.ask('tools/list')).result).toMatchObject({ resultType: 'complete' });
    expect((await client.ask('tools/list', {}, envelope('2031-01-01'))).error).toMatchObject({ code: -32_022 });
    for (const method of ['ping', 'logging/setLevel', 'resources/subscribe']) {
      expect((await client.ask(method, { level: 'info', uri: 'popstash://locks' })).error).toMatchObject({
        code: -32_601,
      });
    }
    await client.end();
  });

  test('two tasks of one connection are two agents, until a call names the task that it goes on with', async () => {
    const client = openLineClient(env);
    const first = await start(client, { task: 'First', files: ['one.ts'] });
    const second = await start(client, { task: 'Second', files: ['one.ts'] });
    expect(second.session_id).toBeUndefined();
    expect(second.locks.conflicts).toMatchObject([{ file: 'one.ts', session_id: first.session_id }]);
    expect(second.suggestion).toContain('session_id');
    const other = await start(client, { task: 'Second', files: ['two.ts'] });
    expect(other.agent_id).not.toBe(first.agent_id);
    const again = await start(client, { task: 'First, renamed', files: ['three.ts'], session_id: first.session_id });
    expect(again).toMatchObject({ agent_id: first.agent_id, continued_task: 'First' });
    const { active_agents } = await client.call<Working>('who_is_working', { session_id: first.session_id });
    expect(active_agents.find(({ you }) => you)).toMatchObject({
      task: 'First, renamed',
      files_locked: ['one.ts', 'three.ts'],
    });
    for (const { session_id } of [first, other]) await client.call('end_task', { summary: 'done', session_id });
    await client.end();
  });

  test('what acts on what an agent holds needs its handle, what writes does not', async () => {
    const client = openLineClient(env);
    for (const [tool, args] of [
      ['acquire', { patterns: ['a.ts'] }],
      ['release', { patterns: ['a.ts'] }],
      ['end_task', { summary: 'done' }],
    ] as const) {
      await expect(client.call(tool, args), tool).rejects.toThrow(/session_id is required.*start_task/s);
    }
    await expect(client.call('acquire', { patterns: ['a.ts'], session_id: 'sess_nowhere' })).rejects.toThrow(
      /no task of this/,
    );
    await client.call('insight', { content: `Written by nobody in ${mode} mode` });
    expect((await working()).active_agents).toEqual([]);
    await client.end();
  });

  test('a handle is good from any process, and what it holds ends with the last one that used it', async () => {
    const [one, two] = [openLineClient(env), openLineClient(env)];
    const { session_id, agent_id } = await start(one, { task: 'Moves', files: ['moves.ts'] });
    await two.call('acquire', { patterns: ['more.ts'], session_id });
    await one.end();
    expect((await working()).active_agents).toMatchObject([{ agent_id, files_locked: ['more.ts', 'moves.ts'] }]);
    await two.end();
    await waitUntil(async () => (await working()).active_agents.length === 0, 'the locks to be free');
    const three = openLineClient(env);
    const back = await three.call<{ acquired: unknown[] }>('acquire', { patterns: ['third.ts'], session_id });
    expect(back.acquired).toHaveLength(1);
    expect((await working()).active_agents).toMatchObject([
      { agent_id, files_locked: ['more.ts', 'moves.ts', 'third.ts'] },
    ]);
    await three.call('end_task', { summary: 'done', session_id });
    await three.end();
  });

  test('what a killed process held is free', async () => {
    const client = openLineClient(env);
    for (const file of ['x.ts', 'y.ts']) await start(client, { task: `Holds ${file}`, files: [file] });
    client.kill('SIGKILL');
    const heir = openLineClient(env);
    await waitUntil(async () => {
      const { locks } = await start(heir, { task: 'Takes both', files: ['x.ts', 'y.ts'] });
      return locks.conflicts.length === 0;
    }, 'both locks to be free');
    await heir.end();
  });

  test('a client that has asked and falls back is served as it was', async () => {
    const client = openLineClient(env);
    await client.ask('server/discover');
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'old', version: '0' } };
    client.write(`${JSON.stringify({ jsonrpc: '2.0', id: 'init', method: 'initialize', params })}\n`);
    const isInit = (one: object) => 'id' in one && one.id === 'init';
    const answer = await waitUntil(() => client.received.find(isInit), 'the answer to initialize');
    expect(answer).toMatchObject({ result: { protocolVersion: '2025-06-18', serverInfo: { name: 'popstash' } } });
    await client.end();
  });

  test.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])(
    'initialize of %s is agreed on',
    async (version) => {
      const client = openLineClient(env);
      const params = { protocolVersion: version, capabilities: {}, clientInfo: { name: 'old', version: '0' } };
      client.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
      await client.end();
      expect(client.received).toMatchObject([{ id: 1, result: { protocolVersion: version } }]);
    },
  );

  test('agents of both eras see and exclude each other', async () => {
    const old = await connectClient({ env });
    const modern = openLineClient(env);
    const held = await old.call<Started>('start_task', { task: 'Old', files: ['both.ts'] });
    const refused = await start(modern, { task: 'New', files: ['both.ts'] });
    expect(refused.locks.conflicts).toMatchObject([{ held_by: held.agent_id }]);
    await old.close();
    await modern.end();
  });
});
