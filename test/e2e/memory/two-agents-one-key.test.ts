// Two agents under one key or name: both texts stay reachable, and both agents learn of it.
import { beforeAll, describe, expect, test } from 'vitest';
import { MEMORY_MODES } from '../../support/memory/memory-modes.js';
import { wordedAuthor } from '../../support/memory/worded-author.js';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { runCommand } from '../../support/processes/processes.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createFolder } from '../../support/setup/folders.js';
import { waitUntil } from '../../support/setup/wait-until.js';

interface Saved {
  insight_id: string;
  stash_id: string;
  decision_id: string;
  version: number;
  tip: string;
  replaced?: { id: string; version: number; author: string; age: string; begins: string };
}

interface Whole {
  results: {
    content: string;
    version: number;
    author: string;
    superseded_by?: string;
    versions?: { id: string; version: number; author: string }[];
  }[];
}

interface Noticed {
  notices?: { kind: string; message: string; data: Record<string, unknown> }[];
}

describe.each(MEMORY_MODES)('two agents, one key, $mode mode', ({ start }) => {
  const cwd = createFolder('ps-two-agents-');
  let env: EnvironmentChange;
  let alice: TestClient;
  let bob: TestClient;

  beforeAll(async () => {
    env = await start();
    alice = await connectClient({ env, cwd, clientName: 'alice' });
    bob = await connectClient({ env, cwd, clientName: 'bob' });
    await Promise.all([alice.call('ping'), bob.call('ping')]);
  });

  const nextNotice = (client: TestClient, kind: string) =>
    waitUntil(async () => {
      const { notices = [] } = await client.call<Noticed>('ping');
      return notices.find((notice) => notice.kind === kind);
    }, `a notice of ${kind}`);

  test('the saver is told what it replaced, and the other by a notice; both are reachable', async () => {
    const first = await alice.call<Saved>('insight', { key: 'port', content: 'The API listens on port 3000.' });
    const second = await bob.call<Saved>('insight', { key: 'port', content: 'The admin page listens on port 9000.' });
    expect(second).toMatchObject({
      version: 2,
      replaced: {
        id: first.insight_id,
        version: 1,
        author: wordedAuthor('alice'),
        begins: 'The API listens on port 3000.',
      },
      tip: expect.stringContaining(first.insight_id),
    });
    expect(second.replaced?.age).not.toBe('');
    const notice = await nextNotice(alice, 'memory_replaced');
    expect(notice.message).toMatch(
      /^[A-Z]\w+ \(bob, tmux %7\) saved something else under your insight "port": "The admin page/,
    );
    expect(notice.data).toMatchObject({ id: first.insight_id, version: 1, replaced_by: second.insight_id });

    for (const args of [{ id: first.insight_id }, { id: second.insight_id, version: 1 }]) {
      const { results } = await bob.call<Whole>('recall', args);
      expect(results).toMatchObject([
        {
          content: 'The API listens on port 3000.',
          version: 1,
          author: wordedAuthor('alice'),
          superseded_by: second.insight_id,
          versions: [
            { version: 2, id: second.insight_id, author: wordedAuthor('bob') },
            { version: 1, id: first.insight_id, author: wordedAuthor('alice') },
          ],
        },
      ]);
    }
    await expect(bob.call('recall', { id: first.insight_id, version: 7 })).rejects.toMatchObject({
      code: 'not_found',
      fix: 'Versions that exist: 2, 1.',
    });
  });

  test('the same for stashes', async () => {
    const first = await alice.call<Saved>('stash', { name: 'auth-wip', summary: 'JWT: router still to do.' });
    const second = await bob.call<Saved>('stash', { name: 'auth-wip', summary: 'OAuth: callbacks still to do.' });
    expect(second.replaced).toMatchObject({ id: first.stash_id, version: 1, author: wordedAuthor('alice') });
    expect((await nextNotice(alice, 'memory_replaced')).data).toMatchObject({ kind: 'stash', id: first.stash_id });
    expect(await alice.call('pop', { query: 'auth-wip', version: 1 })).toMatchObject({
      summary: 'JWT: router still to do.',
    });
  });

  test('nothing is said of one’s own update, or of the same text', async () => {
    await alice.call('insight', { key: 'own', content: 'first' });
    expect(await alice.call<Saved>('insight', { key: 'own', content: 'second' })).not.toHaveProperty('replaced');
    expect(await bob.call<Saved>('insight', { key: 'own', content: 'second' })).not.toHaveProperty('replaced');
    expect((await alice.call<Noticed>('timeline')).notices ?? []).toEqual([]);
  });

  test.each([
    ['case', 'Deploy-Steps', 'deploy-STEPS'],
    ['NFC and NFD', 'caf\u00e9 men\u00fc', 'cafe\u0301 menu\u0308'],
    ['compatibility forms', 'ﬁle ①', 'file 1'],
    ['full-width letters', 'ＡＰＩ', 'api'],
    ['capitals of other scripts', 'МОСКВА ΟΔΟΣ', 'москва οδος'],
    ['letters with one capital', 'Straße', 'STRASSE'],
  ])('names meet that differ by %s', async (_what, one, other) => {
    await alice.call('insight', { key: one, content: `what ${one} says` });
    const insight = await bob.call<Saved>('insight', { key: other, content: 'something else' });
    expect(insight).toMatchObject({
      version: 2,
      replaced: { author: wordedAuthor('alice'), begins: `what ${one} says` },
    });
    await alice.call('stash', { name: one, summary: 'a' });
    expect(await bob.call('pop', { query: other })).toMatchObject({ name: one, summary: 'a' });
    expect(await bob.call<Saved>('stash', { name: other, summary: 'b' })).toMatchObject({ version: 2 });
    expect(await bob.call('pop', { query: one, version: 1 })).toMatchObject({ name: one, summary: 'a' });
    await alice.call('decide', { topic: one, decision: `decided on ${one}` });
    const decided = await bob.call<{ match: string; decisions: { topic: string }[] }>('get_decisions', {
      topic: other,
    });
    expect(decided).toMatchObject({ match: 'topic', decisions: [{ topic: one }] });
  });

  test('saves at once by several processes lose nothing', async () => {
    const clients = await Promise.all([1, 2, 3, 4].map((n) => connectClient({ env, cwd, clientName: `racer${n}` })));
    const texts = clients.flatMap((client, n) => [1, 2, 3].map((i) => ({ client, content: `racer ${n} says ${i}` })));
    const saved = await Promise.all(
      texts.map(({ client, content }, i) =>
        waitUntil(
          () => client.call<Saved>('insight', { key: i % 2 ? 'RACE' : 'race', content }).catch(() => null),
          'the insight to be saved',
        ),
      ),
    );
    const last = saved.find(({ version }) => version === texts.length);
    const read = await Promise.all(
      texts.map((_, i) => alice.call<Whole>('recall', { id: last?.insight_id, version: i + 1 })),
    );
    expect(read.map(({ results }) => results[0]?.content).sort()).toEqual(texts.map(({ content }) => content).sort());
  });

  test('a person brings a replaced version back, and what that replaces stays', async () => {
    const first = await alice.call<Saved>('insight', { key: 'limit', content: 'Uploads are limited to 5 MB.' });
    const second = await bob.call<Saved>('insight', { key: 'LIMIT', content: 'Uploads are limited to 50 MB.' });
    await nextNotice(alice, 'memory_replaced');
    const restored = await runCommand(['restore', first.insight_id, '--json'], { env, cwd });
    const { as } = JSON.parse(restored.stdout) as { as: { id: string; version: number } };
    expect(as.version).toBe(3);
    // Not by Bob, to whom any answer would bring his notice.
    const { results } = await alice.call<Whole>('recall', { query: 'limit', limit: 1 });
    expect(results).toMatchObject([{ content: 'Uploads are limited to 5 MB.', author: wordedAuthor('alice') }]);
    expect(await alice.call<Whole>('recall', { id: second.insight_id })).toMatchObject({
      results: [{ content: 'Uploads are limited to 50 MB.', superseded_by: as.id }],
    });
    const notice = await nextNotice(bob, 'memory_replaced');
    expect(notice.message).toMatch(/^A person brought back another version of your insight "LIMIT"/);
  });

  test('the same for a stash and for a decision', async () => {
    const stash = await alice.call<Saved>('stash', { name: 'back', summary: 'old', files: ['a.ts'] });
    await alice.call('stash', { name: 'back', summary: 'new' });
    expect((await runCommand(['restore', stash.stash_id], { env, cwd })).stdout).toMatch(/is back as version 3/);
    expect(await alice.call('pop', { query: 'back' })).toMatchObject({ summary: 'old', files: ['a.ts'], version: 3 });

    const old = await alice.call<Saved>('decide', { topic: 'db', decision: 'SQLite', reasoning: 'small' });
    const next = { topic: 'db', decision: 'PostgreSQL', supersedes: old.decision_id };
    const newer = await alice.call<Saved>('decide', next);
    const newest = await alice.call<Saved>('decide', {
      ...next,
      decision: 'CockroachDB',
      supersedes: newer.decision_id,
    });
    expect((await runCommand(['restore', old.decision_id], { env, cwd })).stdout).toMatch(/is back as version 4/);
    const { decisions } = await alice.call<{ decisions: Record<string, string>[] }>('get_decisions', { topic: 'db' });
    expect(decisions).toMatchObject([{ decision: 'SQLite', reasoning: 'small' }]);
    const { results } = await alice.call<Whole>('recall', { id: newest.decision_id, version: 2 });
    expect(results[0]).toMatchObject({
      content: 'PostgreSQL',
      versions: [{ version: 4 }, { version: 3 }, { version: 2 }, { version: 1 }],
    });
  });
});
