// What clients are known to write, one odd framing a row: each is answered before the process ends, in both modes.
import { beforeAll, describe, expect, test } from 'vitest';
import { openLineClient } from '../../support/processes/line-client.js';
import { createTestDatabase } from '../../support/setup/database.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder } from '../../support/setup/folders.js';

const say = (message: object) => JSON.stringify({ jsonrpc: '2.0', ...message });
const INITIALIZE = say({
  id: 'init',
  method: 'initialize',
  params: { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'framing', version: '0' } },
});
const ping = (id: unknown) => say({ id, method: 'ping' });
const call = (id: number, name: string, args: unknown, more: object = {}) =>
  say({ id, method: 'tools/call', params: { name, arguments: args, ...more } });
const insights = Array.from({ length: 20 }, (_, index) => call(index + 1, 'insight', { content: `Note ${index}` }));
const ok = (id: unknown) => ({ id, result: {} });
const refused = (code: number) => ({ id: null, error: { code } });
const huge = (id: string) => `{"jsonrpc":"2.0","method":"ping","params":{"a":"${'x'.repeat(17e6)}"},"id":"${id}"}`;

/** What is written before stdin ends, and what comes, in any order. */
const framings: [name: string, input: string | Buffer, answers: unknown[]][] = [
  ['one line', `${ping(1)}\n`, [ok(1)]],
  ['a last line without a newline', ping(1), [ok(1)]],
  ['a byte order mark', `\ufeff${ping(1)}\n`, [ok(1)]],
  ['carriage returns and blank lines', `\r\n\n${ping(1)}\r\n \r\n${ping(2)}\r\n`, [ok(1), ok(2)]],
  ['an id of 0 and one that is a text', `${ping(0)}\n${ping('a b')}\n`, [ok(0), ok('a b')]],
  ['null for parameters and arguments', `${say({ id: 1, method: 'ping', params: null })}\n`, [ok(1)]],
  ['a batch', `[${ping(1)},${ping(2)},${say({ method: 'notifications/x' })}]\n`, [[ok(1), ok(2)]]],
  ['a batch with what is no message, at the end', `[${ping(1)},7]`, [[ok(1), refused(-32_600)]]],
  ['an empty batch', '[]\n', [refused(-32_600)]],
  ['a line that is no JSON, at the end', 'hello', [refused(-32_700)]],
  ['two messages in one line', `${ping(1)}${ping(2)}\n`, [refused(-32_700)]],
  ['an id that can not be one', `${ping(1.5)}\n`, [refused(-32_600)]],
  ['a line of 17 MB', `${huge('long')}\n${ping(2)}\n`, [{ id: 'long', error: { code: -32_600 } }, ok(2)]],
  ['a line of 17 MB without a newline', huge('last'), [{ id: 'last', error: { code: -32_600 } }]],
  ['a task of the protocol', `${call(1, 'ping', {}, { task: {} })}\n`, [{ id: 1, result: { isError: undefined } }]],
  ['a wait when the input ends', `${call(1, 'acquire', { patterns: ['held.ts'], wait_seconds: 50 })}\n`, [{ id: 1 }]],
  ['twenty writes at once', `${insights.join('\n')}\n`, insights.map((_, index) => ({ id: index + 1 }))],
  [
    'a call and its cancellation',
    `${call(1, 'insight', { content: 'Not this' })}\n${cancel(1)}\n${ping(2)}\n`,
    [ok(2)],
  ],
];

function cancel(requestId: number): string {
  return say({ method: 'notifications/cancelled', params: { requestId } });
}

describe.each(['embedded', 'server'] as const)('%s mode', (mode) => {
  let env: EnvironmentChange;
  let holder: ReturnType<typeof openLineClient>;

  beforeAll(async () => {
    env = { POPSTASH_DATA_DIR: createDataFolder() };
    if (mode === 'server') env = { ...env, DATABASE_URL: (await createTestDatabase()).url };
    holder = openLineClient(env);
    await holder.call('start_task', { task: 'Hold a file', files: ['held.ts'] });
  });

  test.each(framings)('%s', async (_name, input, answers) => {
    const client = openLineClient(env);
    client.write(`${INITIALIZE}\n`);
    client.write(input);
    expect(await client.end()).toBe(0);
    const isFirst = (one: unknown) => (one as { id?: unknown }).id === 'init';
    const rest = client.received.filter((one) => !isFirst(one));
    expect(client.received.find(isFirst)).toMatchObject({ result: { protocolVersion: '2025-03-26' } });
    expect(rest).toHaveLength(answers.length);
    const sorted = (list: unknown[]) => list.map((one) => JSON.stringify(one)).sort();
    const ids = (list: readonly unknown[]) =>
      sorted(list.map((one) => (Array.isArray(one) ? sorted(one.map(({ id }) => id)) : (one as { id: unknown }).id)));
    expect(ids(rest)).toEqual(ids(answers));
    for (const answer of answers) expect(rest).toContainEqual(expect.objectContaining(shapeOf(answer)));
  });

  test('what was cancelled at once has left nothing', async () => {
    const { results } = await holder.call<{ results: { content: string }[] }>('recall', { query: 'Not this' });
    expect(results.map(({ content }) => content)).not.toContain('Not this');
  });

  test('all twenty writes are there', async () => {
    const { activities } = await holder.call<{ activities: { type: string }[] }>('timeline', {
      type: 'insight',
      limit: 50,
    });
    expect(activities).toHaveLength(20);
  });
});

/** An answer as an asymmetric matcher takes it: errors by their code alone. */
function shapeOf(answer: unknown): Record<string, unknown> {
  if (Array.isArray(answer)) return { length: answer.length };
  const { id, error } = answer as { id: unknown; error?: { code: number } };
  return error ? { id, error: expect.objectContaining(error) } : { id, result: expect.anything() };
}
