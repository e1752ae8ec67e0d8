// Edits that are worded in a form that no one thought of: each is checked, or said not to be. By the built hook and a
// running server.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { createGuardedRepository } from '../../support/processes/guarded-repository.js';
import { type HookAnswer, type HookedClient, startHookedClient } from '../../support/processes/hooked-client.js';
import { runCommand } from '../../support/processes/processes.js';
import { childEnvironment, type EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder, createFolder, MAIN } from '../../support/setup/folders.js';

let env: EnvironmentChange;
let project: string;
let holder: HookedClient;
let other: HookedClient;

beforeAll(async () => {
  env = { POPSTASH_DATA_DIR: createDataFolder() };
  project = await createGuardedRepository(env);
  holder = await startHookedClient({ env, cwd: project });
  other = await startHookedClient({ env, cwd: project, name: 'cursor-vscode' });
  await holder.call('start_task', { task: 'Hold', files: ['src/**'] });
});

const ask = (tool_name: string, tool_input: unknown, more: Record<string, unknown> = {}) =>
  other.hook('pre-tool-use', { tool_name, tool_input, tool_use_id: 't', ...more });
const decisionOf = ({ said }: HookAnswer) => said?.hookSpecificOutput?.permissionDecision;
const reasonOf = ({ said }: HookAnswer): string => said.hookSpecificOutput.permissionDecisionReason;

const patchOf = (names: readonly string[]) =>
  ['*** Begin Patch', ...names.map((name) => `*** Delete File: ${name}`), '*** End Patch'].join('\n');
const many = (count: number) => Array.from({ length: count }, (_, n) => `free/f${n}.ts`);

describe('files within a held glob are denied', () => {
  test.each<[string, string, () => unknown]>([
    ['the 201st file of a patch', 'apply_patch', () => ({ input: patchOf([...many(200), 'src/auth.ts']) })],
    [
      'the 801st, beyond one message',
      'apply_patch',
      () => ({ input: patchOf([...many(800).map((name) => name.padEnd(90, 'x')), 'src/auth.ts']) }),
    ],
    ['a name with a line break', 'Write', () => ({ file_path: 'src/a\nb.ts' })],
    ['a name with a tab', 'Write', () => ({ file_path: 'src/a\tb.ts' })],
    ['a name with an escape', 'Write', () => ({ file_path: join(project, 'src/\u001b[2J.ts') })],
    ['200 folders', 'Write', () => ({ file_path: `src/${'d/'.repeat(200)}a.ts` })],
    ['1,500 characters', 'Write', () => ({ file_path: `src/${`${'n'.repeat(99)}/`.repeat(15)}a.ts` })],
    ['a name that is too long for the system', 'Write', () => ({ file_path: `src/${'n'.repeat(3_000)}` })],
    ['a URL', 'Edit', () => ({ file_path: pathToFileURL(join(project, 'src/auth.ts')).href })],
    [
      'a URL with bytes in hexadecimal',
      'Edit',
      () => ({ uri: `${pathToFileURL(join(project, 'src')).href}/%61uth.ts` }),
    ],
    ['a list of edits', 'MultiEdit', () => ({ edits: [{ file_path: 'free/a.ts' }, { file_path: 'src/auth.ts' }] })],
    ['a list of files', 'editFiles', () => ({ files: ['free/a.ts', join(project, 'src/auth.ts')] })],
    ['an indented patch', 'apply_patch', () => ({ input: patchOf(['src/auth.ts']).replace(/^/gm, '      ') })],
    [
      'a unified diff',
      'apply_patch',
      () => ({ patch: '--- "a/src/\\303\\274.txt"\n+++ "b/src/\\303\\274.txt"\n@@ -1 +1 @@\n-a\n+b\n' }),
    ],
    [
      'the new name of a renamed file',
      'apply_patch',
      () => ({ diff: 'diff --git a/free/a b/src/b\nrename from free/a\nrename to src/b\n' }),
    ],
    ['a patch as the whole input', 'apply_patch', () => patchOf(['src/auth.ts'])],
    [
      'a command with a patch',
      'Bash',
      () => ({ command: `cd src && apply_patch <<'EOF'\n${patchOf(['auth.ts'])}\nEOF` }),
    ],
    ['a notebook', 'NotebookEdit', () => ({ notebook_path: 'src/n.ipynb' })],
    ['bytes in hexadecimal', 'Edit', () => ({ file_path: 'src/%61uth.ts' })],
    ['bytes in hexadecimal in a folder', 'Edit', () => ({ file_path: '%73rc/auth.ts' })],
    ['a variable', 'Edit', () => ({ file_path: '$PWD/src/auth.ts' })],
    ['the folder that the call names', 'Edit', () => ({ path: 'auth.ts', cwd: 'src' })],
    ['a way through another folder', 'Edit', () => ({ file_path: 'free/../src/./auth.ts' })],
  ])('%s', async (_what, tool, input) => {
    const answer = await ask(tool, input());
    expect(decisionOf(answer)).toBe('deny');
    expect(reasonOf(answer)).toContain(`held by ${holder.agentName} (`);
  });

  test('the home folder', async () => {
    const input = { tool_name: 'Edit', tool_input: { file_path: '~/src/auth.ts' }, cwd: '/' };
    const home = { ...env, HOME: project, CLAUDE_PROJECT_DIR: project };
    const answer = await runCommand(['hook', 'pre-tool-use'], {
      env: home,
      cwd: project,
      input: JSON.stringify(input),
    });
    expect(answer.stdout).toContain('"deny"');
  });

  test("the folder of the agent's shell", async () => {
    expect(decisionOf(await ask('Edit', { file_path: 'auth.ts' }, { cwd: join(project, 'src') }))).toBe('deny');
  });

  test('and free ones are not', async () => {
    for (const file_path of [
      'free/a\nb.ts',
      `free/${'d/'.repeat(200)}a.ts`,
      'free/%61.ts',
      `free/${'n'.repeat(3_000)}`,
    ])
      expect((await ask('Write', { file_path })).said).toBeNull();
    expect((await ask('apply_patch', { input: patchOf(many(300)) })).said).toBeNull();
    await other.hook('stop');
  });
});

describe('what can not be checked is denied in guarded mode, and told in advisory mode', () => {
  const hook = (input: string, guard: string, more: EnvironmentChange = {}, client = 'claude') =>
    runCommand(['hook', 'pre-tool-use', '--client', client], {
      env: { ...env, POPSTASH_GUARD: guard, ...more },
      cwd: project,
      input,
    });
  const edit = (tool_input: unknown, tool_name = 'Edit') => JSON.stringify({ tool_name, tool_input, cwd: project });
  const lonely = { POPSTASH_DATA_DIR: join(createDataFolder(), 'nobody') };

  test.each<[string, string, EnvironmentChange?]>([
    ['an unreadable payload', '{'],
    ['an empty payload', ''],
    ['a payload of no tool', '[]'],
    ['an unknown form of an edit', edit({ where: 'here' })],
    ['a patch in no known form', edit({ input: 'change it' }, 'apply_patch')],
    ['more files than are checked', edit({ input: patchOf(many(1_200)) }, 'apply_patch')],
    ['a name with a NUL', edit({ file_path: 'free/a\0.ts' })],
    ['an address on the web', edit({ uri: 'https://example.org/a.ts' })],
    ['a server that does not run', edit({ file_path: 'free/a.ts' }), lonely],
  ])('%s', async (_what, input, more) => {
    const [guarded, advisory] = await Promise.all([hook(input, 'guarded', more), hook(input, 'advisory', more)]);
    expect(guarded.code).toBe(0);
    expect(JSON.parse(guarded.stdout).hookSpecificOutput).toMatchObject({
      permissionDecision: 'deny',
      permissionDecisionReason: expect.stringContaining('POPSTASH_GUARD is "guarded"'),
    });
    const said = JSON.parse(advisory.stdout).hookSpecificOutput;
    expect(said.permissionDecision).toBeUndefined();
    expect(said.additionalContext).toMatch(/PopStash (?:does not|can't) check .* It passes\./);
  });

  test('a held file among too many is denied in either mode', async () => {
    const input = edit({ input: patchOf(['src/auth.ts', ...many(1_200)]) }, 'apply_patch');
    expect((await hook(input, 'advisory')).stdout).toContain('"deny"');
  });

  test('a server that is stopped', async () => {
    const { pid } = JSON.parse((await runCommand(['up', '--json'], { env, cwd: project })).stdout) as { pid: number };
    const input = edit({ file_path: 'free/a.ts' });
    process.kill(pid, 'SIGSTOP');
    try {
      const [told, denied] = await Promise.all([hook(input, 'advisory'), hook(input, 'guarded')]);
      expect(told.stdout).toMatch(/"additionalContext":"PopStash does not check this edit: its server gave no verdict/);
      expect(denied.stdout).toMatch(/"deny".*its server gave no verdict/);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  test('a client that hands nothing on before an edit tells its agent after it', async () => {
    const input = JSON.stringify({
      tool_name: 'Write',
      tool_input: { file_path: 'free/a.ts' },
      hook_event_name: 'postToolUse',
    });
    const options = { env: { ...env, ...lonely }, cwd: project, input };
    expect((await hook(input, 'advisory', lonely, 'cursor')).stdout).toBe('');
    const after = await runCommand(['hook', 'post-tool-use', '--client', 'cursor'], options);
    expect(JSON.parse(after.stdout).additional_context).toContain('does not check this edit');
  });
});

describe("git's guards", () => {
  /** Of these files alone. */
  function commit(...names: string[]) {
    for (const name of names) writeFileSync(join(project, name), `${Math.random()}\n`);
    writeFileSync(join(project, '.git/names'), names.join('\0'));
    const add = 'git add --pathspec-from-file=.git/names --pathspec-file-nul';
    return other.act(`${add} && git commit -qm odd; git reset -q`, project);
  }

  test.each([
    ['src/a\nb.ts', '"src/a\\nb.ts"'],
    ['src/"a\tb".ts', '"src/\'a\\tb\'.ts"'],
    ['src/\u00fc \u001b[2J.ts', '"src/\u00fc \\u001b[2J.ts"'],
    [`src/${'n'.repeat(250)}`, `…${'n'.repeat(159)}`],
  ])('a commit of %j', async (name, shown) => {
    const { stderr } = await commit(name);
    expect(stderr).toContain(`PopStash refuses this commit.\n${shown} is held by ${holder.agentName}`);
    expect(stderr).not.toContain('\u001b');
  });

  test('without a server an agent is told that its commit was not checked, a person is not', () => {
    const folder = createFolder();
    symlinkSync('/bin/bash', join(folder, 'claude'));
    writeFileSync(join(project, 'src/unchecked.ts'), '');
    execFileSync('git', ['add', 'src/unchecked.ts'], { cwd: project });
    const guard = (program: string) =>
      spawnSync(program, ['-c', `"${process.execPath}" "${MAIN}" guard pre-commit; true`], {
        cwd: project,
        encoding: 'utf8',
        env: childEnvironment({ POPSTASH_DATA_DIR: join(folder, 'nobody') }),
      });
    expect(guard(join(folder, 'claude')).stderr).toContain('PopStash did not check this: no server of it runs');
    expect(guard('/bin/bash').stderr).toBe('');
    execFileSync('git', ['reset', '-q'], { cwd: project });
  });

  test('more files than one message holds: the last is held', async () => {
    mkdirSync(join(project, 'many'));
    const names = Array.from({ length: 700 }, (_, n) => `many/${`${n}`.padEnd(100, 'x')}`);
    const { stderr } = await commit(...names, 'src/zz.ts');
    expect(stderr).toContain('src/zz.ts is held');
  });
});
