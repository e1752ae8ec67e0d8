// Locks over linked worktrees of a repository, seen through a real MCP client and the real hook and guard commands.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type HookedClient, startHookedClient } from '../../support/processes/hooked-client.js';
import { runCommand } from '../../support/processes/processes.js';
import { createTestDatabase } from '../../support/setup/database.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder } from '../../support/setup/folders.js';
import { addWorktree, createRepository, git, type Locked, lock, reasonOf } from '../../support/setup/repositories.js';

describe.each(['embedded', 'server'] as const)('locks over worktrees, %s mode', (mode) => {
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

  describe('worktrees', () => {
    test('exclude within, warn across, and name worktree and branch', async () => {
      const feature = addWorktree(main, 'feature');
      const [ann, bob, cleo] = [await open(main), await open(feature), await open(feature)];
      expect(await lock(ann, 'src/auth.ts')).toMatchObject({ acquired: ['src/auth.ts'] });
      const granted = await lock(bob, 'src/auth.ts', 'src/index.ts');
      expect(granted).toEqual({
        acquired: ['src/auth.ts', 'src/index.ts'],
        tokens: expect.any(Array),
        expires_in: expect.any(String),
        conflicts: [],
        warnings: [
          {
            file: 'src/auth.ts',
            held_by: ann.agentId,
            ...{ name: ann.agentName, client: 'claude-code', terminal: 'tmux %7' },
            task: 'edit src/auth.ts',
            worktree: main,
            branch: 'main',
          },
        ],
      });
      const refused = await lock(cleo, 'src/*.ts');
      expect(refused.acquired).toEqual([]);
      expect(refused.conflicts).toMatchObject([
        { held_by: bob.agentId, worktree: feature, branch: 'feature' },
        { held_by: bob.agentId, worktree: feature, branch: 'feature' },
      ]);
    });

    test('the edit hook lets the own copy be edited, warns once, and denies the copy of the holder', async () => {
      const feature = addWorktree(main, 'feature');
      const [ann, bob] = [await open(main), await open(feature)];
      await lock(ann, 'src/auth.ts');
      const warned = (await bob.edit(join(feature, 'src/auth.ts'))).said.hookSpecificOutput;
      expect(warned.permissionDecision).toBeUndefined();
      expect(warned.additionalContext).toContain(`src/auth.ts is also locked by ${ann.agentName} (claude-code, `);
      expect(warned.additionalContext).toContain(`task "edit src/auth.ts"), in worktree ${main} (branch main).`);
      expect((await bob.edit(join(feature, 'src/auth.ts'))).said).toBeNull();
      // The worktree of the file counts, not that of whoever edits it.
      const denied = reasonOf(await bob.edit(join(main, 'src/auth.ts')));
      expect(denied).toContain(`${main}/src/auth.ts is held by ${ann.agentName} (claude-code, `);
      expect(denied).toContain(`in worktree ${main} (branch main)`);
      expect(denied).toContain('only a person can free it');
      expect(reasonOf(await ann.edit(join(feature, 'src/auth.ts')))).toContain('branch feature');
    });

    test('a commit in another worktree is warned, in the same one refused', async () => {
      const feature = addWorktree(main, 'feature');
      const ann = await open(main);
      await lock(ann, 'src/auth.ts');
      for (const cwd of [feature, main]) {
        writeFileSync(join(cwd, 'src/auth.ts'), 'two\n');
        git(cwd, 'add', '-A');
      }
      const passed = await runCommand(['guard', 'pre-commit'], { env, cwd: feature });
      expect(passed).toMatchObject({ code: 0 });
      expect(passed.stderr + passed.stdout).toContain(`in worktree ${main} (branch main)`);
      const guarded = { ...env, POPSTASH_GUARD: 'guarded' };
      expect(await runCommand(['guard', 'pre-commit'], { env: guarded, cwd: feature })).toMatchObject({ code: 0 });
      const refused = await runCommand(['guard', 'pre-commit'], { env: guarded, cwd: main });
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('popstash locks release src/auth.ts --force');
    });

    test('POPSTASH_WORKTREES=deny excludes across, for everyone, until a client says warn', async () => {
      const feature = addWorktree(main, 'feature');
      const [ann, bob] = [await open(main, { POPSTASH_WORKTREES: 'deny' }), await open(feature)];
      await lock(ann, 'src/auth.ts');
      const refused = await bob.call<{ locks: Locked; suggestion: string }>('start_task', {
        task: 'mine',
        files: ['src/auth.ts'],
      });
      expect(refused.locks).toMatchObject({
        acquired: [],
        conflicts: [{ file: 'src/auth.ts', held_by: ann.agentId, worktree: main, branch: 'main' }],
      });
      expect(refused.suggestion).toContain(`in worktree ${main}, branch main`);
      expect(reasonOf(await bob.edit(join(feature, 'src/auth.ts')))).toContain(`in worktree ${main} (branch main)`);
      // Those who wait are told as soon as it is free, across worktrees too.
      const waiting = bob.call<Locked>('acquire', { patterns: ['src/**'], wait_seconds: 20 });
      await ann.call('end_task', { summary: 'done' });
      expect((await waiting).acquired).toHaveLength(1);
      await (await open(feature, { POPSTASH_WORKTREES: 'warn' })).call('start_task', { task: 'says warn' });
      expect(await lock(ann, 'src/auth.ts')).toMatchObject({
        acquired: ['src/auth.ts'],
        warnings: [{ branch: 'feature' }],
      });
    });

    test('a worktree inside of another one is a copy, too: a glob of the outer one does not reach into it', async () => {
      const inside = join(main, '.agents/one');
      git(main, 'worktree', 'add', '-q', '-b', 'one', inside);
      const [ann, bob] = [await open(main), await open(inside)];
      expect((await lock(ann, '**')).acquired).toEqual(['**']);
      expect(await lock(bob, 'src/auth.ts')).toMatchObject({
        acquired: ['src/auth.ts'],
        warnings: [{ branch: 'main' }],
      });
      expect(reasonOf(await ann.edit(join(inside, 'src/auth.ts')))).toContain('.agents/one/src/auth.ts is held by');
    });

    test('a release frees the own copy alone, and waiting in one worktree is not held up by the other', async () => {
      const feature = addWorktree(main, 'feature');
      const [ann, bob, cleo] = [await open(main), await open(feature), await open(feature)];
      await ann.call('acquire', { patterns: ['src/auth.ts'] });
      await bob.call('acquire', { patterns: ['src/auth.ts'] });
      const waiting = cleo.call<Locked>('acquire', { patterns: ['src/auth.ts'], wait_seconds: 20 });
      expect(await bob.call('release', { patterns: ['src/**'] })).toEqual({ released: ['src/auth.ts'], not_held: [] });
      expect((await waiting).acquired).toHaveLength(1);
      expect(reasonOf(await bob.edit(join(main, 'src/auth.ts')))).toContain(` by ${ann.agentName} (`);
    });
  });
});
