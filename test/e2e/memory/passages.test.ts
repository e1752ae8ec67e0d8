// Of a long memory an answer shows the part that answers, and says where that is; the whole is had by its id.
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { beforeAll, describe, expect, test } from 'vitest';
import { MEMORY_MODES } from '../../support/memory/memory-modes.js';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { createFolder } from '../../support/setup/folders.js';
import { waitUntil } from '../../support/setup/wait-until.js';

interface Shown {
  content: string;
  omitted_chars?: number;
  place?: string;
  insight_id?: string;
  decision_id?: string;
}

const log = (count: number, topic: string) =>
  Array.from(
    { length: count },
    (_, i) => `Step ${i}: ${topic} was looked at by the team and item ${1000 + i} moved on.`,
  ).join(' ');

const hidden = (sentence: string, topic: string) => `${log(150, topic)} ${sentence} ${log(150, topic)}`;

const KEEP = 'Refresh tokens of guests are revoked at midnight.';
const STAGING = 'The staging cluster is rebuilt every Sunday night.';

describe.each(MEMORY_MODES)('passages, $mode mode', ({ start }) => {
  let client: TestClient;

  beforeAll(async () => {
    client = await connectClient({ env: await start(), cwd: createFolder('ps-passages-') });
    await client.call('insight', { key: 'sessions', content: hidden(KEEP, 'sign-in') });
    for (const n of [1, 2, 3, 4]) {
      await client.call('insight', { key: `sign-in-${n}`, content: log(300 + n, 'sign-in with refresh tokens') });
    }
    await client.call('decide', {
      topic: 'vendor',
      decision: 'Webhooks go through our own queue.',
      reasoning: hidden('The vendor bills each delivery twice.', 'billing'),
    });
    await client.call('stash', { name: 'rebuild', summary: hidden(STAGING, 'the cluster') });
    await client.call('stash', { name: 'clusters', summary: hidden('Each cluster has nine nodes.', 'the cluster') });
  });

  async function ask<T>(tool: string, args: Record<string, unknown>): Promise<T> {
    return waitUntil(async () => {
      const answer = await client.call<T & { degraded?: string[]; session_id?: string }>(tool, args);
      if (answer.session_id) await client.call('end_task', { summary: 'looked', session_id: answer.session_id });
      return answer.degraded ? undefined : answer;
    }, 'an answer by meaning');
  }

  test('recall shows the sentence that answers, its place and no more tokens than before', async () => {
    const answer = await ask<{ results: Shown[] }>('recall', { query: 'when are refresh tokens of guests revoked?' });
    const hit = answer.results.find(({ content }) => content.includes(KEEP));
    expect(hit, JSON.stringify(answer.results)).toBeDefined();
    expect(encode(JSON.stringify(answer)).length).toBeLessThanOrEqual(700);
    const { results } = await ask<{ results: Shown[] }>('recall', { id: hit?.insight_id });
    const whole = results[0]?.content ?? '';
    expect(whole).toBe(hidden(KEEP, 'sign-in'));
    const [, from, to, of] = /^(\d+)-(\d+) of (\d+)$/.exec(hit?.place ?? '') ?? [];
    expect(`… ${whole.slice(Number(from), Number(to))} …`).toBe(hit?.content);
    expect(whole.length).toBe(Number(of));
    expect(hit?.omitted_chars).toBe(Number(of) - (Number(to) - Number(from)));
  });

  test('a sentence of the reasoning comes with its decision', async () => {
    const query = 'which vendor bills each delivery twice?';
    const { results } = await ask<{ results: Shown[] }>('recall', { query, limit: 1 });
    expect(results[0]?.content).toMatch(/^Webhooks go through our own queue\.\nReasoning: … /);
    expect(results[0]?.content).toContain('The vendor bills each delivery twice.');
  });

  test('pop shows what of the runners-up answers', async () => {
    const popped = await ask<{ summary: string; alternatives: { name: string; passage: string; place: string }[] }>(
      'pop',
      {
        query: 'the cluster: rebuilt every Sunday night, nine nodes each',
      },
    );
    const [first] = popped.alternatives;
    expect([STAGING, 'Each cluster has nine nodes.'].some((text) => first?.passage.includes(text))).toBe(true);
    expect(first?.place).toMatch(/^\d+-\d+ of \d+$/);
    expect(encode(first?.passage ?? '').length).toBeLessThanOrEqual(60);
  });

  test('a task begins with the sentences that are about it', async () => {
    const { context } = await ask<{
      context: { relevant_insights: Shown[]; relevant_stashes: { summary: string; name: string; place: string }[] };
    }>('start_task', { task: 'Move the Sunday night on which the staging cluster is rebuilt' });
    const stash = context.relevant_stashes.find(({ summary }) => summary.includes(STAGING));
    expect(stash, JSON.stringify(context)).toMatchObject({ name: 'rebuild' });
    expect(stash?.place).toMatch(/^\d+-\d+ of \d+$/);
  });

  test('an id that is none, is of nothing, or comes with a query is refused', async () => {
    await expect(client.call('recall', { id: 'nonsense' })).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(client.call('recall', { id: 'insight_0000000000' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(client.call('recall', { id: 'insight_0000000000', query: 'x' })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    await expect(client.call('recall', {})).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});
