// What a path means: relative to whom, through links, in which repository; seen through a real MCP client and the real hook
// and guard commands.
import { realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ConnectOptions, connectClient } from '../../support/processes/client.js';
import { type HookedClient, startHookedClient } from '../../support/processes/hooked-client.js';
import { createTestDatabase } from '../../support/setup/database.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder, createFolder, MAIN } from '../../support/setup/folders.js';
import { createRepository, git, type Locked, lock, reasonOf } from '../../support/setup/repositories.js';

describe.each(['embedded', 'server'] as const)('the meaning of paths, %s mode', (mode) => {
  let env: EnvironmentChange;
  let main: string;
  const clients: HookedClient[] = [];

  beforeAll(async () => {
    env = { POPSTASH_DATA_DIR: createDataFolder() };
    if (mode === 'server') env = { ...env, DATABASE_URL: (await createTestDatabase()).url };
  });

  beforeEach(() => {
    main = createRepository();
    return async () => {
      for (const client of clients.splice(0)) await client.close();
    };
  });

  async function open(cwd: string, change: EnvironmentChange = {}): Promise<HookedClient> {
    const client = await startHookedClient({ env: { ...env, ...change }, cwd });
    clients.push(client);
    return client;
  }

  describe('the meaning of a path', () => {
    test('is relative to the own folder; answers are relative to the repository, and can be given back', async () => {
      const [ann, bob, top] = [
        await open(join(main, 'packages/a')),
        await open(join(main, 'packages/b')),
        await open(main),
      ];
      expect((await lock(ann, 'src/index.ts')).acquired).toEqual(['packages/a/src/index.ts']);
      expect((await lock(bob, 'src/index.ts')).acquired).toEqual(['packages/b/src/index.ts']);
      expect((await lock(top, 'src/index.ts')).acquired).toEqual(['src/index.ts']);
      expect(reasonOf(await top.edit(join(main, 'packages/a/src/index.ts')))).toContain(` by ${ann.agentName} (`);
      expect(await ann.call('acquire', { patterns: ['packages/a/src/index.ts'] })).toMatchObject({
        acquired: [{ pattern: 'packages/a/src/index.ts' }],
      });
      expect((await ann.call<Locked>('acquire', { patterns: ['packages/b/src/index.ts'] })).conflicts).toMatchObject([
        { file: 'packages/b/src/index.ts', held_by: bob.agentId },
      ]);
      const again = await ann.call<Locked>('acquire', { patterns: ['../../README.md', 'src/**'] });
      expect(again.acquired).toMatchObject([{ pattern: 'README.md' }, { pattern: 'packages/a/src/**' }]);
      // Equal to one that it holds: that one is meant.
      expect(await ann.call('release', { patterns: ['README.md', 'packages/a/src/**'] })).toEqual({
        released: ['README.md', 'packages/a/src/**', 'packages/a/src/index.ts'],
        not_held: [],
      });
      expect(await ann.call('release', { patterns: ['src/'] })).toEqual({
        released: [],
        not_held: ['packages/a/src/**'],
      });
    });

    test('follows links: a linked file, a linked folder, a glob through one', async () => {
      symlinkSync(join(main, 'src/auth.ts'), join(main, 'link.ts'));
      symlinkSync(join(main, 'packages/a'), join(main, 'linked'));
      const [ann, bob] = [await open(main), await open(main)];
      const both = await lock(ann, 'link.ts', 'linked/src/*.ts');
      expect(both.acquired).toEqual(['link.ts', 'src/auth.ts', 'packages/a/src/*.ts']);
      for (const path of ['src/auth.ts', 'link.ts', 'linked/src/index.ts', 'packages/a/src/index.ts', 'linked/**']) {
        expect((await bob.call<Locked>('acquire', { patterns: [path] })).acquired, path).toEqual([]);
      }
      expect(reasonOf(await bob.edit('linked/src/new.ts'))).toContain('packages/a/src/new.ts');
      expect(await ann.call('release', { patterns: ['link.ts', 'linked/src/*.ts'] })).toMatchObject({ not_held: [] });
      expect((await lock(bob, 'src/auth.ts')).acquired).toEqual(['src/auth.ts']);
      expect((await ann.call<Locked>('acquire', { patterns: ['link.ts'] })).acquired).toEqual([]);
    });

    test('what is no path is understood or refused, never granted as it stands', async () => {
      const ann = await open(main);
      const understood: [string, string[]][] = [
        ['src/index.ts, src/auth.ts', ['src/auth.ts', 'src/index.ts']],
        ['src/index.ts src/auth.ts', ['src/auth.ts', 'src/index.ts']],
        ['src/auth.ts and README.md', ['README.md', 'src/auth.ts']],
        ['src/auth.ts:12', ['src/auth.ts']],
        ['src/auth.ts:12:5', ['src/auth.ts']],
        ['src/auth.ts#L12-L20', ['src/auth.ts']],
        ['@src/auth.ts', ['src/auth.ts']],
        ['@src/new.ts', ['src/new.ts']],
        ['`src/auth.ts`', ['src/auth.ts']],
        ['"src/auth.ts"', ['src/auth.ts']],
        ['[auth](src/auth.ts)', ['src/auth.ts']],
        ['- src/auth.ts', ['src/auth.ts']],
        [' src/auth.ts ', ['src/auth.ts']],
        ['src\\auth.ts', ['src/auth.ts']],
        [`file://${main}/src/auth.ts`, ['src/auth.ts']],
        ['src/{auth,index}.ts', ['src/{auth,index}.ts']],
      ];
      for (const [text, paths] of understood) {
        const { acquired } = await ann.call<{ acquired: { pattern: string }[] }>('acquire', { patterns: [text] });
        expect(acquired.map(({ pattern }) => pattern).sort(), text).toEqual(paths);
        await ann.call('release', { patterns: ['**'] });
      }
      const refused = [
        ...['src/none.ts:12', '@none/x.ts', 'src/a,b.ts', 'src/auth.ts (the router)', 'src/one.ts src/two.ts'],
        ...['the auth module', 'https://example.org/src/auth.ts', '$HOME/src/auth.ts', 'src/.../auth.ts'],
        ...['C:\\src\\auth.ts', 'src/auth.ts\nsrc/index.ts'],
      ];
      for (const text of refused) {
        await expect(ann.call('acquire', { patterns: [text] }), text).rejects.toThrow(/invalid_argument/);
      }
      expect(await ann.call('who_is_working')).toMatchObject({ active_agents: [] });
    });

    test('a literal that does not exist is granted and listed as new', async () => {
      const ann = await open(main);
      expect(await lock(ann, 'src/auth.ts', 'src/new one.ts', 'gen/**')).toMatchObject({
        acquired: ['src/auth.ts', 'src/new one.ts', 'gen/**'],
        new: ['src/new one.ts'],
      });
      expect(await ann.call('acquire', { patterns: ['lib/x.ts', 'README.md'] })).toMatchObject({ new: ['lib/x.ts'] });
    });

    test.each(['submodule', 'nested clone'])(
      'a file of a %s belongs to it, whoever edits it from wherever',
      async (kind) => {
        const source = createRepository(undefined, ['lib.ts', 'README.md']);
        const inner = join(main, 'vendor/lib');
        if (kind === 'submodule') git(main, 'submodule', 'add', '-q', source, 'vendor/lib');
        else git(main, 'clone', '-q', source, 'vendor/lib');
        const [outside, inside] = [await open(main), await open(inner)];
        expect((await lock(outside, 'vendor/lib/lib.ts', 'README.md')).acquired).toEqual([
          'vendor/lib/lib.ts',
          'README.md',
        ]);
        expect((await inside.call<Locked>('acquire', { patterns: ['lib.ts'] })).conflicts).toMatchObject([
          { file: 'lib.ts', held_by: outside.agentId, worktree: inner },
        ]);
        expect(reasonOf(await inside.edit('lib.ts'))).toContain(` by ${outside.agentName} (`);
        // Its own README is another file, in another repository.
        expect(await lock(inside, 'README.md')).not.toHaveProperty('warnings');
        expect(reasonOf(await outside.edit(join(inner, 'README.md')))).toContain(` by ${inside.agentName} (`);
        writeFileSync(join(inner, 'README.md'), 'two\n');
        git(inner, 'add', '-A');
        const commit = await outside.act(`${process.execPath} ${MAIN} guard pre-commit`, inner);
        expect(commit.code).toBe(1);
        expect(commit.stderr).toContain(` by ${inside.agentName} (`);
        await outside.call('end_task', { summary: 'done' });
        expect((await inside.call<Locked>('acquire', { patterns: ['lib.ts'] })).acquired).toHaveLength(1);
        // A glob reaches into it, as far as it matches there.
        await inside.call('end_task', { summary: 'done' });
        expect((await lock(outside, 'vendor/**')).acquired).toEqual(['vendor/**', 'vendor/lib/**']);
        expect((await inside.call<Locked>('acquire', { patterns: ['lib.ts'] })).acquired).toEqual([]);
        await outside.call('end_task', { summary: 'done' });
        expect((await lock(outside, '**/*.md')).acquired).toEqual(['**/*.md', 'vendor/lib/**/*.md']);
        expect((await inside.call<Locked>('acquire', { patterns: ['lib.ts'] })).acquired).toHaveLength(1);
        expect((await inside.call<Locked>('acquire', { patterns: ['README.md'] })).acquired).toEqual([]);
      },
    );

    test('a set over several boards is granted whole or not at all, also to those who wait', async () => {
      const other = createRepository(undefined, ['lib.ts']);
      const [ann, bob, cleo] = [await open(main), await open(other), await open(main)];
      await lock(bob, 'lib.ts');
      const refused = await ann.call<Locked>('acquire', { patterns: ['src/auth.ts', join(other, 'lib.ts')] });
      expect(refused).toMatchObject({
        acquired: [],
        conflicts: [{ file: join(other, 'lib.ts'), held_by: bob.agentId }],
      });
      expect((await lock(cleo, 'src/auth.ts')).acquired).toHaveLength(1);
      const waiting = ann.call<Locked>('acquire', {
        patterns: ['src/auth.ts', join(other, 'lib.ts')],
        wait_seconds: 20,
      });
      await bob.call('end_task', { summary: 'done' });
      await cleo.call('end_task', { summary: 'done' });
      expect((await waiting).acquired).toMatchObject([{ pattern: 'src/auth.ts' }, { pattern: join(other, 'lib.ts') }]);
      expect(reasonOf(await bob.edit('lib.ts'))).toContain(` by ${ann.agentName} (`);
      expect(await ann.call('who_is_working')).toMatchObject({
        active_agents: [{ agent_id: ann.agentId, files_locked: [join(other, 'lib.ts'), 'src/auth.ts'] }],
      });
      await ann.close();
      clients.splice(clients.indexOf(ann), 1);
      expect((await lock(bob, 'lib.ts')).acquired).toEqual(['lib.ts']);
    });
  });

  describe('a server that was started in / or in the home folder', () => {
    const inRoot = (change: Partial<ConnectOptions> = {}) => connectClient({ env, cwd: '/', ...change });

    test.each(['/', 'home'])(
      'in %s, with no root told: locks are refused with the fix, memory is the user’s',
      async (where) => {
        const home = realpathSync(createFolder());
        const change = { env: { ...env, HOME: home }, cwd: where === 'home' ? home : '/' };
        const client = await connectClient(change);
        for (const [tool, args] of [
          ['acquire', { patterns: ['src/auth.ts'] }],
          ['start_task', { task: 'somewhere', files: ['src/auth.ts'] }],
          ['release', { patterns: ['src/auth.ts'] }],
        ] as const) {
          await expect(client.call(tool, args)).rejects.toMatchObject({
            code: 'invalid_argument',
            fix: expect.stringMatching(/absolute paths.*"cwd"/),
          });
        }
        await client.call('insight', { key: `of-${where}`, content: 'what the user knows' });
        // Of the same user, wherever such a server is started.
        const other = await connectClient({ ...change, cwd: where === 'home' ? '/' : home });
        expect(await other.call('recall', { query: `of-${where}` })).toMatchObject({
          results: [{ key: `of-${where}` }],
        });
        const inside = await connectClient({ env: change.env, cwd: main });
        expect(await inside.call('recall', { query: `of-${where}` })).toMatchObject({ results: [] });
        // An absolute path says all that is to be said.
        const { acquired } = await client.call<{ acquired: object[] }>('acquire', {
          patterns: [join(main, 'src/auth.ts')],
        });
        expect(acquired).toMatchObject([{ pattern: join(main, 'src/auth.ts') }]);
        expect((await inside.call<Locked>('acquire', { patterns: ['src/auth.ts'] })).conflicts).toHaveLength(1);
      },
    );

    test('a root of the client is its folder, else what its environment names', async () => {
      const byRoot = await inRoot({ roots: [join(main, 'packages/a')] });
      const byVariable = await inRoot({ env: { ...env, CLAUDE_PROJECT_DIR: join(main, 'packages/b') } });
      const inside = await connectClient({ env, cwd: main });
      expect(await byRoot.call('acquire', { patterns: ['src/index.ts'] })).toMatchObject({
        acquired: [{ pattern: 'packages/a/src/index.ts' }],
      });
      expect(await byVariable.call('acquire', { patterns: ['src/index.ts'] })).toMatchObject({
        acquired: [{ pattern: 'packages/b/src/index.ts' }],
      });
      expect((await inside.call<Locked>('acquire', { patterns: ['packages/*/src/**'] })).conflicts).toHaveLength(2);
      await byRoot.call('insight', { key: 'told-by-root', content: 'of the repository' });
      expect(await inside.call('recall', { query: 'told-by-root' })).toMatchObject({
        results: [{ key: 'told-by-root' }],
      });
      // A folder of its own counts more than what the client lists.
      const own = await connectClient({ env, cwd: join(main, 'packages/b'), roots: [join(main, 'packages/a')] });
      expect((await own.call<Locked>('acquire', { patterns: ['src/index.ts'] })).conflicts).toMatchObject([
        { file: 'packages/b/src/index.ts' },
      ]);
    });
  });
});
