// What people do with single memories, in both modes: search, show, edit, forget, restore.
import { readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { runCommand } from '../../support/processes/processes.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { createDataFolder, createFolder } from '../../support/setup/folders.js';

const database = await createTestDatabase();

/** Whether a terminal would do something instead of showing it. */
const isObeyed = (character: string): boolean => /(?!\n)[\p{Cc}\u202e]/u.test(character);

describe.each([
  ['embedded', () => ({ POPSTASH_DATA_DIR: createDataFolder() })],
  ['server', () => ({ DATABASE_URL: database.url })],
] as const)('a person in %s mode', (_mode, createEnv) => {
  const cwd = createFolder();
  const env = createEnv();
  let client: TestClient;
  const run = (...args: string[]) => runCommand(args, { env, cwd });
  const runJson = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args, '--json');
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  };
  /** An editor that replaces one text by another. */
  const editor = (from: string, to: string) => {
    const script = join(createFolder(), 'editor.sh');
    writeFileSync(script, `sed -i 's/${from}/${to}/' "$1"\n`);
    return `sh ${script}`;
  };
  const edit = (id: string, from: string, to: string, ...args: string[]) =>
    runCommand(['edit', id, ...args], { env: { ...env, EDITOR: editor(from, to) }, cwd });

  beforeAll(async () => {
    client = await connectClient({ env, cwd, clientName: 'Ada' });
  });

  const saveInsight = async (args: Record<string, unknown>) =>
    (await client.call<{ insight_id: string }>('insight', args)).insight_id;

  test('finds memories of every kind by words', async () => {
    const insight = await saveInsight({ content: 'The xylophone build needs Node 20' });
    const { stash_id: stash } = await client.call<{ stash_id: string }>('stash', {
      name: 'x',
      summary: 'xylophone half built',
    });
    const { decision_id: decision } = await client.call<{ decision_id: string }>('decide', {
      topic: 'xylophone',
      decision: 'Keep the xylophone',
    });
    const { hits } = await runJson('search', 'xylophone');
    expect(hits.map(({ id }: { id: string }) => id).sort()).toEqual([insight, stash, decision].sort());
    const { stdout } = await run('search', 'xylophone', '--kind', 'insight');
    expect(stdout.split('\n')[0]).toMatch(new RegExp(`^[01]\\.\\d\\d  insight +${insight}  [A-Z][\\w ]+ \\(Ada\\)`));
    expect(stdout.split('\n')[1]).toBe('  The xylophone build needs Node 20');
    const elsewhere = await runCommand(['search', 'xylophone'], { env, cwd: createFolder() });
    expect(elsewhere.stdout).toBe('Nothing relevant is stored.\n');
  });

  test('edits an insight in the editor: a new version, by this person, that agents recall', async () => {
    const id = await saveInsight({ key: 'edited', content: 'Ports begin at 4000', tags: ['ports'] });
    const { code, stdout } = await edit(id, '4000', '5000');
    expect(code).toBe(0);
    const [, newId = ''] = /^Saved as (\w+); /.exec(stdout) ?? [];
    const { record, versions } = await runJson('show', newId, '--history');
    expect(record).toMatchObject({ version: 2, name: 'edited', text: 'Ports begin at 5000', tags: ['ports'] });
    // A client without hooks: what runs below it counts as its agent's.
    expect(record.author.name).toBe('Ada');
    expect(versions.map(({ id: each, state }: { id: string; state: string }) => [each, state])).toEqual([
      [newId, 'live'],
      [id, 'superseded'],
    ]);
    const { results } = await client.call<{ results: { insight_id: string }[] }>('recall', { query: 'Ports begin at' });
    expect(results.map((result) => result.insight_id)).toEqual([newId]);

    const again = await edit(id, '4000', '6000');
    expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/superseded by .*\n.*--history/)]);
    const shown = await run('show', newId, '--history');
    expect(shown.stdout).toMatch(/^insight {2}\w+ {2}edited\nversion 2, by /);
    expect(shown.stdout).toMatch(/\nVersions, newest first\nv2 {2}.*5000\nv1 {2}.*4000\n$/);
  });

  test('edits an insight without a key, a stash with its files and life, and a decision with its reasoning', async () => {
    const insight = await saveInsight({ content: 'No key, old text' });
    expect((await edit(insight, 'old', 'new')).code).toBe(0);
    const { stash_id: stash } = await client.call<{ stash_id: string }>('stash', {
      name: 'wip',
      summary: 'old state',
      files: ['a.ts', 'b.ts'],
      ttl_days: 3,
      metadata: { branch: 'x' },
    });
    const savedStash = JSON.parse((await edit(stash, 'old', 'new', '--json')).stdout);
    const before = (await runJson('show', stash)).record;
    expect((await runJson('show', savedStash.id)).record).toMatchObject({
      name: 'wip',
      version: 2,
      text: 'new state',
      files: ['a.ts', 'b.ts'],
      metadata: { branch: 'x' },
      expiresAt: before.expiresAt,
    });
    const { decision_id: decision } = await client.call<{ decision_id: string }>('decide', {
      topic: 'old topic',
      decision: 'Use X',
      reasoning: 'It is small',
    });
    const savedDecision = JSON.parse((await edit(decision, 'old topic', 'new topic', '--json')).stdout);
    const shown = await runJson('show', savedDecision.id, '--history');
    expect(shown.record).toMatchObject({ name: 'new topic', text: 'Use X', reasoning: 'It is small' });
    expect(shown.versions).toHaveLength(2);
  });

  test('takes secrets out of what a person writes, and keeps a text that could not be saved', async () => {
    const id = await saveInsight({ key: 'secret', content: 'The token is TOKEN' });
    await saveInsight({ key: 'taken', content: 'Another one' });
    const refused = await edit(id, 'key: secret', 'key: taken');
    expect(refused.code).toBe(1);
    const [, kept = ''] = /kept in (\S+)/.exec(refused.stderr) ?? [];
    expect(readFileSync(kept, 'utf8')).toBe('key: taken\n---\nThe token is TOKEN\n');
    const saved = JSON.parse((await edit(id, 'TOKEN', `ghp_${'a1B2'.repeat(9)}`, '--json')).stdout);
    expect(saved.redacted).toHaveLength(1);
    expect((await runJson('show', saved.id)).record.text).toMatch(/^The token is \[redacted:/);
  });

  test('changes nothing where nothing was edited or the editor failed', async () => {
    const id = await saveInsight({ content: 'Left alone' });
    expect((await edit(id, 'zzz', 'yyy')).stdout).toBe('Nothing was changed.\n');
    const failed = await runCommand(['edit', id], { env: { ...env, EDITOR: 'false' }, cwd });
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('ended with code 1')]);
    const printed = await run('edit', id, '--print');
    expect(printed.stdout).toBe('key:\n---\nLeft alone\n');
    const piped = await runCommand(['edit', id, '--file', '-', '--json'], {
      env,
      cwd,
      input: printed.stdout.replace('Left', 'Not left'),
    });
    expect(JSON.parse(piped.stdout)).toMatchObject({ changed: true, replaced: id });
  });

  test('forgets and restores', async () => {
    const id = await saveInsight({ content: 'Quixotic fact' });
    expect((await run('forget', id, '--reason', 'wrong')).stdout).toMatch(
      /^Forgot insight .* \(Quixotic fact\)\. .*30 days\.\n$/,
    );
    expect((await run('show', id)).stdout).toMatch(/forgotten .*: wrong; popstash restore/);
    expect((await runJson('search', 'quixotic')).hits.map((hit: { id: string }) => hit.id)).not.toContain(id);
    expect((await run('forget', id)).code).toBe(1);
    expect((await run('restore', id)).stdout).toBe(`${id} is back.\n`);
    expect((await runJson('search', 'quixotic')).hits[0]).toMatchObject({ id });
  });

  test('reads what agents stored without being controlled by it', async () => {
    const content = 'red \u001b[31m and \u009b31m C1 \u202e turned \r over';
    const id = await saveInsight({ content });
    for (const args of [
      ['show', id],
      ['show', id, '--json'],
      ['list'],
      ['list', '--json'],
      ['search', 'red', 'and', 'C1'],
    ]) {
      const { stdout } = await run(...args);
      expect([...stdout].filter(isObeyed), args.join(' ')).toEqual([]);
    }
    expect((await runJson('show', id)).record.text).toBe(content);
  });

  test('is told what is wrong with an id', async () => {
    expect(await run('show', 'insight_0000000000000000')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no insight'),
    });
    expect(await run('show', 'nothing')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('id is not that of'),
    });
  });

  test('is the author, where no agent runs the command', async () => {
    const id = await saveInsight({ content: 'Written by an agent' });
    await client.close();
    const saved = JSON.parse((await edit(id, 'an agent', 'a person', '--json')).stdout);
    expect((await runJson('show', saved.id)).record.author.name).toBe(userInfo().username);
    const { memories } = await runJson('list', '--author', userInfo().username);
    expect(memories.map((memory: { id: string }) => memory.id)).toEqual([saved.id]);
  });
});
