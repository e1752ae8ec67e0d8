// Resources with their changes, prompts, completions, progress and cancellation, in both eras.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { envelope, type LineClient, type LineMessage, openLineClient } from '../../support/processes/line-client.js';
import { createDataFolder } from '../../support/setup/folders.js';
import { waitUntil } from '../../support/setup/wait-until.js';

type Ask = (method: string, params?: Record<string, unknown>) => Promise<LineMessage>;

/** Speaks as a client that has initialised. */
async function initialise(client: LineClient): Promise<Ask> {
  let ids = 0;
  const ask: Ask = async (method, params = {}) => {
    ids += 1;
    const id = `old-${ids}`;
    client.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    const isAnswer = (one: LineMessage | LineMessage[]) => !Array.isArray(one) && one.id === id;
    return (await waitUntil(() => client.received.find(isAnswer), `the answer to ${method}`)) as LineMessage;
  };
  const clientInfo = { name: 'reader', version: '0' };
  await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
  client.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  return ask;
}

/** @throws Error where the answer has no such list */
function listOf(result: unknown, name: string): unknown[] {
  const list = (result as Record<string, unknown> | undefined)?.[name];
  if (!Array.isArray(list)) throw new Error(`no ${name} in ${JSON.stringify(result)}`);
  return list;
}

describe.each(['legacy', 'modern'] as const)('%s era', (era) => {
  const env = { POPSTASH_DATA_DIR: createDataFolder() };
  let client: LineClient;
  let writer: LineClient;
  let ask: Ask;
  let session: string;

  const contentOf = async (uri: string) => {
    const { result } = await ask('resources/read', { uri });
    const [content] = listOf(result, 'contents') as { uri: string; mimeType: string; text: string }[];
    expect(content).toMatchObject({ uri, mimeType: 'application/json' });
    return JSON.parse(content?.text ?? '') as Record<string, unknown>;
  };
  const textOf = async (name: string, args: Record<string, string>) => {
    const { result } = await ask('prompts/get', { name, arguments: args });
    const [message] = listOf(result, 'messages') as { role: string; content: { type: string; text: string } }[];
    expect(message).toMatchObject({ role: 'user', content: { type: 'text' } });
    return message?.content.text;
  };
  const complete = async (ref: Record<string, string>, argument: { name: string; value: string }) =>
    (await ask('completion/complete', { ref, argument })).result?.completion;

  beforeAll(async () => {
    writer = openLineClient(env);
    client = openLineClient(env);
    ask = era === 'modern' ? client.ask : await initialise(client);
    const started = await writer.call<{ session_id: string }>('start_task', { task: 'Write', files: ['held.ts'] });
    session = started.session_id;
    await writer.call('stash', { name: 'parser-wip', summary: 'The lexer is done.', files: ['lexer.ts'] });
    await writer.call('decide', { topic: 'parsing', decision: 'By hand' });
  });

  afterAll(async () => {
    await Promise.all([client.end(), writer.end()]);
  });

  test('resources are listed and read', async () => {
    const { result } = await ask('resources/list');
    expect((listOf(result, 'resources') as { uri: string }[]).map(({ uri }) => uri)).toEqual([
      'popstash://timeline',
      'popstash://locks',
      'popstash://decisions',
    ]);
    const { result: templates } = await ask('resources/templates/list');
    expect(templates?.resourceTemplates).toMatchObject([{ uriTemplate: 'popstash://sessions/{id}' }]);
    expect(await contentOf('popstash://locks')).toMatchObject({
      locks: [{ file: 'held.ts', task: 'Write' }],
      waiting: [],
    });
    expect(await contentOf('popstash://decisions')).toMatchObject({ decisions: [{ decision: 'By hand' }] });
    expect(await contentOf('popstash://timeline')).toMatchObject({ activities: expect.any(Array) });
    expect(await contentOf(`popstash://sessions/${session}`)).toMatchObject({ task: 'Write', status: 'active' });
  });

  test.each(['popstash://nothing', 'popstash://sessions/', 'popstash://sessions/sess_none', 'file:///etc/passwd'])(
    'there is no %s, and the error says what there is',
    async (uri) => {
      const { error } = await ask('resources/read', { uri });
      expect(error).toMatchObject({ code: -32_602, data: { uri } });
    },
  );

  test('changes of a resource are told, of others not, until the client wants no more', async () => {
    const uri = 'popstash://decisions';
    const updates = () => client.notifications('notifications/resources/updated');
    if (era === 'legacy') await ask('resources/subscribe', { uri });
    else {
      const params = { notifications: { resourceSubscriptions: [uri] }, _meta: envelope() };
      client.write(`${JSON.stringify({ jsonrpc: '2.0', id: 'stream', method: 'subscriptions/listen', params })}\n`);
      const acknowledged = 'notifications/subscriptions/acknowledged';
      await waitUntil(() => client.notifications(acknowledged).length > 0, 'the stream');
    }
    let count = 0;
    await waitUntil(
      async () => {
        count += 1;
        await writer.call('decide', { topic: `topic ${count}`, decision: 'Something' });
        return updates().length > 0;
      },
      'a change to be told',
      { intervalMs: 500 },
    );
    expect(updates().every(({ params }) => params?.uri === uri)).toBe(true);
    const stamp = era === 'modern' ? { 'io.modelcontextprotocol/subscriptionId': 'stream' } : undefined;
    expect(updates()[0]?.params?._meta).toEqual(stamp);
    if (era === 'legacy') await ask('resources/unsubscribe', { uri });
    else {
      client.write('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"stream"}}\n');
      await ask('tools/list');
    }
    const told = updates().length;
    await writer.call('decide', { topic: 'last', decision: 'Not told' });
    await contentOf(uri);
    expect(updates()).toHaveLength(told);
  });

  test('prompts are listed, filled in, and name what is missing', async () => {
    const { result } = await ask('prompts/list');
    expect((listOf(result, 'prompts') as { name: string }[]).map(({ name }) => name)).toEqual([
      'start',
      'handoff',
      'resume',
    ]);
    const start = await textOf('start', { task: 'Fix the lexer', files: 'lexer.ts, src/**' });
    expect(start).toMatch(/Fix the lexer.*start_task.*lexer\.ts.*src\/\*\*.*conflicts/s);
    expect(await textOf('handoff', { name: 'lexer' })).toMatch(/stash.*lexer.*end_task/s);
    for (const args of [{}, { name: 'parser-wip' }] as Record<string, string>[])
      expect(await textOf('resume', args)).toMatch(/parser-wip.*The lexer is done\..*lexer\.ts.*start_task/s);
    expect((await ask('prompts/get', { name: 'start', arguments: {} })).error).toMatchObject({ code: -32_602 });
    const { error } = await ask('prompts/get', { name: 'nothing' });
    expect(error?.message).toContain('start, handoff, resume');
  });

  test('arguments are completed', async () => {
    const prompt = { type: 'ref/prompt', name: 'resume' };
    expect(await complete(prompt, { name: 'name', value: 'PARS' })).toMatchObject({ values: ['parser-wip'], total: 1 });
    expect(await complete(prompt, { name: 'name', value: 'z' })).toMatchObject({ values: [] });
    const template = { type: 'ref/resource', uri: 'popstash://sessions/{id}' };
    expect(await complete(template, { name: 'id', value: 'sess_' })).toMatchObject({ values: [session] });
  });

  test('a wait tells its progress, which rises, and ends when it is cancelled', async () => {
    const meta = { ...(era === 'modern' && envelope()), progressToken: 'wait' };
    const args = { task: 'Waits', files: ['held.ts'], wait_seconds: 50 };
    const params = { name: 'start_task', arguments: args, _meta: meta };
    client.write(`${JSON.stringify({ jsonrpc: '2.0', id: 'waits', method: 'tools/call', params })}\n`);
    const reports = () => client.notifications('notifications/progress').map(({ params }) => params);
    await waitUntil(() => reports().length >= 2, 'two reports');
    const steps = reports().map((report) => Number(report?.progress));
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    expect(reports()[0]).toMatchObject({
      progressToken: 'wait',
      total: 50,
      message: expect.stringContaining('Queued'),
    });
    client.write('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"waits"}}\n');
    await waitUntil(
      async () => ((await contentOf('popstash://locks')).waiting as unknown[]).length === 0,
      'the wait to end',
    );
    expect(client.received).not.toContainEqual(expect.objectContaining({ id: 'waits' }));
  });
});
