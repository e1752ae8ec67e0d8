// Nothing is hidden by its kind, and nothing is said to be absent while that is not known.
import { beforeAll, describe, expect, test } from 'vitest';
import { adminReply } from '../../../src/mcp/admin/admin-protocol.js';
import { MEMORY_MODES } from '../../support/memory/memory-modes.js';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { createFolder } from '../../support/setup/folders.js';
import { waitUntil } from '../../support/setup/wait-until.js';

interface Recall {
  results: {
    kind: string;
    insight_id?: string;
    decision_id?: string;
    stash_id?: string;
    key: string | null;
  }[];
  message?: string;
  degraded?: string[];
}

describe.each(MEMORY_MODES)('recall of every kind, $mode mode', ({ start }) => {
  let client: TestClient;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    client = await connectClient({ env: await start(), cwd: createFolder('ps-kinds-') });
    const decided = await client.call<{ decision_id: string }>('decide', {
      topic: 'retries',
      decision: 'Webhooks are retried with exponential backoff, five times.',
    });
    const stashed = await client.call<{ stash_id: string }>('stash', {
      name: 'invoice-export',
      summary: 'PDF export of invoices: page breaks are still to do.',
    });
    const saved = await client.call<{ insight_id: string }>('insight', {
      key: 'staging',
      content: 'The staging cluster is rebuilt every Sunday night.',
    });
    Object.assign(ids, { decision: decided.decision_id, stash: stashed.stash_id, insight: saved.insight_id });
    // Until then words alone are evidence enough.
    await waitUntil(async () => {
      const { status } = await client.mcp.request({ method: 'popstash/status' }, adminReply);
      return (status as { pending: number }).pending === 0;
    }, 'the vectors of all memories');
  });

  /** Asks until the query has its vector: a busy machine may miss its deadline. */
  async function ask(tool: string, args: Record<string, unknown>): Promise<Recall> {
    return waitUntil(async () => {
      const answer = await client.call<Recall>(tool, args);
      return answer.degraded || answer.message?.includes('in a moment') ? undefined : answer;
    }, 'an answer by meaning');
  }

  test.each([
    ['decision', 'exponential backoff of webhooks', 'retries', 'decision_id'],
    ['stash', 'page breaks in the PDF of an invoice', 'invoice-export', 'stash_id'],
    ['insight', 'when is the staging cluster rebuilt?', 'staging', 'insight_id'],
  ] as const)('a %s answers without being asked for by kind', async (kind, query, key, idField) => {
    const { results } = await ask('recall', { query });
    expect(results[0]).toMatchObject({ kind, key, [idField]: ids[kind] });
  });

  test('kinds narrows', async () => {
    const query = 'exponential backoff of webhooks; the staging cluster; the PDF of an invoice';
    const { results } = await ask('recall', { query, kinds: ['decision', 'stash'] });
    expect(results.map(({ kind }) => kind).sort()).toEqual(['decision', 'stash']);
  });

  test('what was narrowed to says what the other kinds hold', async () => {
    const query = 'exponential backoff of webhooks';
    const narrow = await ask('recall', { query, kinds: ['insight'] });
    expect(narrow.results).toEqual([]);
    expect(narrow.message).toBe('No insight fits, but there are relevant decisions: leave kinds out.');
    const popped = await ask('pop', { query: 'the weekly rebuild of the staging cluster on Sunday' });
    expect(popped.message).toBe('No stash fits, but there are relevant insights: call recall.');
    const decided = await ask('get_decisions', { topic: 'rebuilding the staging cluster on Sunday night' });
    expect(decided.message).toMatch(/^No decision fits, but there are relevant insights: call recall\./);
  });

  test('nothing relevant is said when nothing of any kind is', async () => {
    for (const kinds of [undefined, ['insight']]) {
      const answer = await ask('recall', { query: 'recipe for a sourdough starter', kinds });
      expect(answer).toMatchObject({ results: [], message: 'Nothing relevant is stored.' });
    }
  });
});

describe.each(MEMORY_MODES)('a model that is not ready, $mode mode', ({ start }) => {
  let client: TestClient;

  beforeAll(async () => {
    const env = await start({ POPSTASH_MODEL_DELAY_MS: '20000' });
    client = await connectClient({ env, cwd: createFolder('ps-slow-') });
    await client.call('insight', { key: 'sign-in', content: 'Authentication relies on signed JSON web tokens.' });
  });

  test.each([
    ['recall', { query: 'how do users log in?' }, 'memory'],
    ['recall', { query: 'how do users log in?', kinds: ['insight'] }, 'insight'],
    ['pop', { query: 'how do users log in?' }, 'stash'],
    ['get_decisions', { topic: 'how do users log in?' }, 'decision'],
  ] as const)('%s %j does not claim that nothing is there', async (tool, args, what) => {
    const answer = await client.call<Recall>(tool, args);
    expect(answer.degraded).toEqual(['embedding']);
    expect(answer.message).not.toMatch(/nothing|fits this topic|is close/i);
    expect(answer.message).toContain(`No ${what} matches by words or name, and the model was not ready`);
  });

  test('what words have found says that it is all there is', async () => {
    const answer = await client.call<Recall>('recall', { query: 'signed web tokens' });
    expect(answer.results).toMatchObject([{ kind: 'insight', key: 'sign-in' }]);
    expect(answer.message).toMatch(/^Found by words and names only: the model was not ready/);
  });
});
