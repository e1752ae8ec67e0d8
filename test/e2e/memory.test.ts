// What an agent does with its memory, through a real client, in both modes: the same tools, the same answers.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { wordedAuthor } from '../support/memory/worded-author.js';
import { connectClient, type TestClient, ToolCallError } from '../support/processes/client.js';
import { startWorker } from '../support/processes/processes.js';
import { startRedis } from '../support/processes/servers.js';
import { createTestDatabase } from '../support/setup/database.js';
import type { EnvironmentChange } from '../support/setup/environment.js';
import { createDataFolder, createFolder } from '../support/setup/folders.js';
import { waitUntil } from '../support/setup/wait-until.js';

interface Recall {
  results: {
    insight_id?: string;
    decision_id?: string;
    key: string | null;
    content: string;
    match_score: number;
    why: string;
    later_decision?: string;
    changed_files?: string[];
  }[];
  message?: string;
  degraded?: string[];
}

const modes: { mode: string; start: () => Promise<EnvironmentChange> }[] = [
  {
    mode: 'server',
    start: async () => {
      const [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
      const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
      await startWorker('embedding', env);
      return env;
    },
  },
  { mode: 'embedded', start: async () => ({ POPSTASH_DATA_DIR: createDataFolder() }) },
];

describe.each(modes)('memory, $mode mode', ({ mode, start }) => {
  let env: EnvironmentChange;
  let alice: TestClient;

  beforeAll(async () => {
    env = await start();
    alice = await connectClient({ env, clientName: 'alice' });
  });

  /**
   * Asks until the vectors of the text and of the query are there: a query without a word of the text can only be
   * answered by meaning. A busy machine may miss the query's deadline, which the answer then says.
   */
  async function recallByMeaning(client: TestClient, query: string, key: string): Promise<Recall> {
    return waitUntil(async () => {
      const answer = await client.call<Recall>('recall', { query });
      return !answer.degraded && answer.results.some((hit) => hit.key === key) ? answer : undefined;
    }, `${key} to be found by meaning`);
  }

  /** A busy machine may refuse a connection for a moment; the answer says that nothing was written and to call again. */
  async function saveAsAgentsDo(client: TestClient, insight: Record<string, unknown>): Promise<{ version: number }> {
    return waitUntil(
      () =>
        client.call<{ version: number }>('insight', insight).catch((error: unknown) => {
          if (error instanceof ToolCallError && error.retryable) return null;
          throw error;
        }),
      'the insight to be saved',
    );
  }

  test('says which mode it runs in', async () => {
    expect(await alice.call('ping')).toMatchObject({ status: 'pong', mode, degraded: [] });
  });

  test('an insight is found by words at once, and by meaning in another process', async () => {
    const saved = await alice.call<{ insight_id: string; embedding: string }>('insight', {
      key: 'sign-in',
      content: 'Authentication relies on signed JSON web tokens that expire after a day.',
    });
    expect(saved.embedding).toBe('pending');
    const byWords = await alice.call<Recall>('recall', { query: 'signed JSON web tokens' });
    expect(byWords.results[0]).toMatchObject({ insight_id: saved.insight_id, key: 'sign-in' });

    const bob = await connectClient({ env, clientName: 'bob' });
    const byMeaning = await recallByMeaning(bob, 'how do users log in?', 'sign-in');
    expect(byMeaning.results[0]).toMatchObject({ insight_id: saved.insight_id, author: wordedAuthor('alice') });
    expect(byMeaning.degraded).toBeUndefined();
  });

  test('a stash outlives its session and is restored by a fuzzy sentence', async () => {
    const writer = await connectClient({ env, clientName: 'writer' });
    await writer.call('stash', {
      name: 'queue-race',
      summary: 'Debugging the race in the job queue: two consumers take the same job. Suspect the visibility timeout.',
      files: ['src/queue.ts'],
      metadata: { branch: 'fix/race' },
    });
    await writer.close();
    const reader = await connectClient({ env, clientName: 'reader' });
    const popped = await reader.call('pop', { query: 'that job queue race I was debugging' });
    expect(popped).toMatchObject({
      found: true,
      name: 'queue-race',
      files: ['src/queue.ts'],
      metadata: { branch: 'fix/race' },
      author: wordedAuthor('writer'),
    });
  });

  test('a name stashed again is a new version, and old versions can be asked for', async () => {
    await alice.call('stash', { name: 'versions', summary: 'first' });
    expect(await alice.call('stash', { name: 'versions', summary: 'second' })).toMatchObject({ version: 2 });
    expect(await alice.call('pop', { query: 'versions' })).toMatchObject({ summary: 'second', version: 2 });
    expect(await alice.call('pop', { query: 'versions', version: 1 })).toMatchObject({ summary: 'first' });
    await expect(alice.call('pop', { query: 'versions', version: 9 })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('many agents that save one key at once leave one live version and every number once', async () => {
    const clients = await Promise.all(
      Array.from({ length: 4 }, (_, i) => connectClient({ env, clientName: `racer${i}` })),
    );
    const versions = await Promise.all(
      clients.flatMap((client, i) =>
        Array.from({ length: 5 }, (_, j) =>
          saveAsAgentsDo(client, { key: 'contested', content: `writer ${i} says ${j}` }),
        ),
      ),
    );
    expect(versions.map((saved) => saved.version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    const found = await alice.call<Recall>('recall', { query: 'contested', limit: 50 });
    expect(found.results.filter((hit) => hit.key === 'contested')).toHaveLength(1);
  });

  test('pop that drops forgets; what is not there is said, with the names there are', async () => {
    await alice.call('stash', { name: 'to-drop', summary: 'nothing of value' });
    expect(await alice.call('pop', { query: 'to-drop', drop: true })).toMatchObject({ found: true, dropped: true });
    const gone = await alice.call<{ found: boolean; recent_names: string[] }>('pop', {
      query: 'zebra migration patterns of the serengeti',
    });
    expect(gone.found).toBe(false);
    expect(gone.recent_names).toContain('versions');
    expect(gone.recent_names).not.toContain('to-drop');
  });

  test('a decision is seen by others, superseded in one step, and contradictions are pointed out', async () => {
    const first = await alice.call<{ decision_id: string }>('decide', { topic: 'Storage', decision: 'Use SQLite.' });
    const rival = await alice.call<{ conflicts_with: { decision_id: string }[] }>('decide', {
      topic: 'storage',
      decision: 'Use PostgreSQL.',
    });
    expect(rival.conflicts_with.map((row) => row.decision_id)).toEqual([first.decision_id]);
    const second = await alice.call<{ decision_id: string }>('decide', {
      topic: 'storage',
      decision: 'Use PostgreSQL with pgvector.',
      supersedes: first.decision_id,
    });
    const bob = await connectClient({ env, clientName: 'bob' });
    const seen = await bob.call<{ decisions: { decision_id: string }[] }>('get_decisions', { topic: 'STORAGE' });
    expect(seen.decisions.map((row) => row.decision_id)).toContain(second.decision_id);
    expect(seen.decisions.map((row) => row.decision_id)).not.toContain(first.decision_id);
    await expect(
      alice.call('decide', { topic: 'storage', decision: 'x', supersedes: first.decision_id }),
    ).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(second.decision_id) });
    const all = await bob.call<{ decisions: { decision_id: string; superseded_by?: string }[] }>('get_decisions', {
      topic: 'storage',
      include_superseded: true,
    });
    expect(all.decisions.find((row) => row.decision_id === first.decision_id)?.superseded_by).toBe(second.decision_id);
  });

  test('what is forgotten does not answer any more', async () => {
    const saved = await alice.call<{ insight_id: string }>('insight', {
      key: 'wrong',
      content: 'The moon is made of cheddar.',
    });
    expect(await alice.call('forget', { id: saved.insight_id, reason: 'false' })).toMatchObject({ kind: 'insight' });
    const found = await alice.call<Recall>('recall', { query: 'cheddar moon' });
    expect(found.results.map((hit) => hit.key)).not.toContain('wrong');
    await expect(alice.call('forget', { id: saved.insight_id })).rejects.toMatchObject({ code: 'conflict' });
  });

  test('it knows when nothing relevant is stored', async () => {
    const answer = await alice.call<Recall>('recall', { query: 'recipe for a sourdough starter' });
    expect(answer.results).toEqual([]);
    expect(answer.message).toBe('Nothing relevant is stored.');
  });

  test('a hit says when its files changed since, and when a later decision is on the same matter', async () => {
    const cwd = createFolder();
    writeFileSync(join(cwd, 'limits.yml'), 'uploads: 5\n');
    const carol = await connectClient({ env: { ...env, POPSTASH_PROJECT: 'changes' }, cwd, clientName: 'carol' });
    await carol.call('insight', { key: 'uploads', content: 'Uploads are limited to 5 MB, set in limits.yml.' });
    const fresh = await recallByMeaning(carol, 'how large may an upload be?', 'uploads');
    expect(fresh.results[0]).not.toHaveProperty('changed_files');
    expect(fresh.results[0]).not.toHaveProperty('later_decision');

    writeFileSync(join(cwd, 'limits.yml'), 'uploads: 50\n');
    const decided = await carol.call<{ decision_id: string }>('decide', {
      topic: 'uploads',
      decision: 'Uploads are limited to 50 MB from now on.',
    });
    const marked = await waitUntil(async () => {
      const answer = await carol.call<Recall>('recall', { query: 'how large may an upload be?' });
      return answer.results.find((hit) => hit.key === 'uploads' && hit.later_decision);
    }, 'the decision to have a vector');
    expect(marked.later_decision).toContain(decided.decision_id);
    expect(marked.changed_files).toEqual(['limits.yml']);
  });

  test('near-duplicates are a warning, never a refusal', async () => {
    const content = 'Run the linter before every commit, since the pipeline rejects unformatted files.';
    const first = await alice.call<{ insight_id: string }>('insight', { content });
    const second = await alice.call<{ insight_id: string; similar: { insight_id: string }[] }>('insight', {
      content: `${content} Always.`,
    });
    expect(second.insight_id).not.toBe(first.insight_id);
    expect(second.similar.map((other) => other.insight_id)).toContain(first.insight_id);
  });

  test('secrets are redacted before they are stored, and the answer says so', async () => {
    const key = ['AKIA', 'Z7K2M4P6Q8R1', 'S3T5'].join('');
    const saved = await alice.call<{ redacted: string[] }>('insight', {
      key: 'deploy',
      content: `Deploy with ${key} in the environment.`,
    });
    expect(saved.redacted.length).toBeGreaterThan(0);
    const found = await alice.call<Recall>('recall', { query: 'deploy environment' });
    expect(JSON.stringify(found)).not.toContain(key);
  });

  test('projects never see each other', async () => {
    const stranger = await connectClient({ env: { ...env, POPSTASH_PROJECT: 'another' }, clientName: 'stranger' });
    expect((await stranger.call<Recall>('recall', { query: 'signed JSON web tokens' })).results).toEqual([]);
    expect(await stranger.call('pop', { query: 'versions' })).toMatchObject({ found: false });
  });

  test.each([
    ['insight', {}, 'content'],
    ['insight', { content: '   ' }, 'content'],
    ['insight', { content: 'a\0b' }, 'content'],
    ['insight', { content: 'lone \ud800 half' }, 'content'],
    ['stash', { name: 'two\nlines', summary: 'x' }, 'name'],
    ['stash', { name: 'x', summary: 'y', ttl_days: -1 }, 'ttl_days'],
    ['recall', { query: 'x', limit: 0 }, 'limit'],
    ['recall', { query: 'x', colour: 'red' }, 'colour'],
    ['decide', { topic: 'x' }, 'decision'],
    ['forget', { id: 'nonsense' }, 'id'],
  ])('bad input to %s is refused by the name of its argument: %j', async (tool, args, argument) => {
    const failure = await alice.call(tool, args).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ToolCallError);
    expect(failure).toMatchObject({ code: 'invalid_argument', message: expect.stringContaining(argument) });
    expect((failure as ToolCallError).fix).not.toBe('');
  });

  test('text of every kind comes back byte for byte; too much is refused whole', async () => {
    const texts = {
      emoji: '👩‍👩‍👧‍👦 family, flags 🇩🇪🏴󠁧󠁢󠁳󠁣󠁴󠁿, skin 👍🏽, text ☎︎ and emoji ☎️',
      scripts: 'العربية עברית हिन्दी 日本語 한국어 ไทย Ελληνικά',
      spaces: '  lead\ttab\r\nlines\n\n\ttrail  ',
      json: '{"a": "\\u0000 as an escape", "b": [1, 2]}',
      combining: 'e\u0301 is not \u00e9',
    };
    for (const [name, summary] of Object.entries(texts)) {
      await alice.call('stash', { name: `text-${name}`, summary });
      expect(await alice.call('pop', { query: `text-${name}` }), name).toMatchObject({ summary });
    }
    const large = 'Ein langer Text mit Wörtern. '.repeat(8_000).slice(0, 250_000);
    await alice.call('stash', { name: 'text-large', summary: large });
    expect((await alice.call<{ summary: string }>('pop', { query: 'text-large' })).summary).toBe(large);
    await expect(alice.call('stash', { name: 'too-large', summary: 'x'.repeat(10_000_000) })).rejects.toMatchObject({
      code: 'too_large',
    });
    expect(await alice.call('pop', { query: 'too-large', version: 1 }).catch((e: ToolCallError) => e.code)).toBe(
      'not_found',
    );
  });
});
