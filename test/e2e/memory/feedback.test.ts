// What agents say of memories: kept with the query that had found them, shown when two sessions agree, measured with.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { MEMORY_MODES } from '../../support/memory/memory-modes.js';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { runCommand } from '../../support/processes/processes.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createFolder } from '../../support/setup/folders.js';

interface Recall {
  results: { insight_id: string; key: string; marked_wrong?: number }[];
  message?: string;
}

interface Own {
  queries: number;
  useful: number;
  wrong: number;
  wrongFirst: number | null;
  legs: Record<string, Record<string, number>>;
  each: { query: string; 'nDCG@10': number }[];
  comparison?: { shared: number; isWorse: boolean };
}

describe.each(MEMORY_MODES)('feedback, $mode mode', ({ start }) => {
  const cwd = createFolder('ps-feedback-');
  const query = 'port of the staging gateway';
  let env: EnvironmentChange;
  let alice: TestClient;
  let bob: TestClient;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    env = await start();
    alice = await connectClient({ env, cwd, clientName: 'alice' });
    bob = await connectClient({ env, cwd, clientName: 'bob' });
    for (const [key, content] of [
      ['gateway', 'The staging gateway listens on port 9100.'],
      ['old-gateway', 'The staging gateway listens on port 8000.'],
    ] as const) {
      ids[key] = (await alice.call<{ insight_id: string }>('insight', { key, content })).insight_id;
    }
  });

  const evaluate = async (...args: string[]) => {
    const { stdout, code } = await runCommand(['eval', '--own', '--json', ...args], { env, cwd });
    return { own: JSON.parse(stdout) as Own, code };
  };

  const wrongOf = async (client: TestClient) => {
    const { results } = await client.call<Recall>('recall', { query });
    return results.find(({ insight_id: id }) => id === ids['old-gateway'])?.marked_wrong;
  };

  test('without marks there is nothing to measure with', async () => {
    expect((await evaluate()).own).toMatchObject({ queries: 0, useful: 0, wrong: 0, wrongFirst: null, each: [] });
  });

  test('marks need no query, and are counted back', async () => {
    await alice.call('recall', { query });
    const answer = await alice.call<Recall>('recall', { useful: [ids.gateway], wrong: [ids['old-gateway']] });
    expect(answer).toEqual({ results: [], message: 'Marked: 1 useful, 1 wrong.' });
  });

  test('one session may err, however often it says so; two that agree are shown', async () => {
    await alice.call('start_task', { task: 'another task of the same session' });
    await alice.call('recall', { query, wrong: [ids['old-gateway']] });
    expect(await wrongOf(alice)).toBeUndefined();
    await bob.call('recall', { wrong: [ids['old-gateway']] });
    expect(await wrongOf(alice)).toBe(2);
    const byId = await alice.call<Recall>('recall', { id: ids['old-gateway'] });
    expect(byId.results[0]?.marked_wrong).toBe(2);
    await bob.call('recall', { useful: [ids['old-gateway']] });
    expect(await wrongOf(alice)).toBeUndefined();
  });

  test('so do stashes and decisions', async () => {
    const stash = await alice.call<{ stash_id: string }>('stash', { name: 'wrong-one', summary: 'Not so.' });
    const decision = await alice.call<{ decision_id: string }>('decide', { topic: 'wrong topic', decision: 'Not so.' });
    for (const client of [alice, bob]) {
      await client.call('recall', { wrong: [stash.stash_id, decision.decision_id] });
    }
    expect(await alice.call('pop', { query: 'wrong-one' })).toMatchObject({ marked_wrong: 2 });
    expect(await alice.call('get_decisions', { topic: 'wrong topic' })).toMatchObject({
      decisions: [{ marked_wrong: 2 }],
    });
  });

  test('a new version has no marks', async () => {
    for (const client of [alice, bob]) await client.call('recall', { wrong: [ids['old-gateway']] });
    expect(await wrongOf(alice)).toBe(2);
    await alice.call('insight', { key: 'old-gateway', content: 'The staging gateway once listened on port 8000.' });
    const { results } = await alice.call<Recall>('recall', { query });
    expect(results.find(({ key }) => key === 'old-gateway')).not.toHaveProperty('marked_wrong');
  });

  test('marked pairs are a set to measure with, and gate what finds them worse', async () => {
    const { own, code } = await evaluate();
    expect(code).toBe(0);
    expect(own).toMatchObject({ queries: 1, useful: 1, each: [{ query, 'nDCG@10': 1 }] });
    expect(own.legs.hybrid?.['hit@1']).toBe(1);
    const before = join(cwd, 'before.json');
    writeFileSync(before, JSON.stringify(own));
    expect(await evaluate('--against', before)).toMatchObject({
      code: 0,
      own: { comparison: { shared: 1, isWorse: false } },
    });
    writeFileSync(before, JSON.stringify({ ...own, each: [{ query, 'nDCG@10': 1.1 }] }));
    expect(await evaluate('--against', before)).toMatchObject({ code: 1, own: { comparison: { isWorse: true } } });
    const table = await runCommand(['eval', '--own'], { env, cwd });
    expect(table.stdout).toMatch(/^1 queries; 1 memories marked useful, \d wrong\n.*nDCG@10\nlexical/s);
  });

  test('marks are all or nothing', async () => {
    const marks = async () => (await evaluate()).own.useful;
    const before = await marks();
    await expect(alice.call('recall', { useful: [ids.gateway, 'insight_0000000000'] })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('insight_0000000000'),
    });
    await expect(alice.call('recall', { useful: [ids.gateway], wrong: [ids.gateway] })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    await expect(alice.call('recall', { wrong: ['nonsense'] })).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(await marks()).toBe(before);
    const stranger = await connectClient({ env: { ...env, POPSTASH_PROJECT: 'another' }, clientName: 'stranger' });
    await expect(stranger.call('recall', { useful: [ids.gateway] })).rejects.toMatchObject({ code: 'not_found' });
  });
});
