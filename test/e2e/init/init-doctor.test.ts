// `popstash init` in repositories as users have them, and `popstash doctor`.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../../support/processes/processes.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { createDataFolder, createFolder, MAIN } from '../../support/setup/folders.js';

const ALL = ['--client', 'claude,cursor,cline'];

function createRepository(): { folder: string; git: (...args: string[]) => string } {
  const folder = realpathSync(createFolder());
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe', encoding: 'utf8' });
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Test');
  git('config', 'user.email', 'test@example.invalid');
  return { folder, git };
}

/** Every file below a folder with its bytes and its mode; git's own but for the hooks. */
function readTree(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !path.startsWith('.git/') || path.startsWith('.git/hooks'),
  );
  return Object.fromEntries(
    files.map((path) => {
      const stat = statSync(join(folder, path));
      return [path, stat.isDirectory() ? 'folder' : `${stat.mode} ${readFileSync(join(folder, path), 'base64')}`];
    }),
  );
}

describe('popstash init', () => {
  test('shows what it would change and asks; with nobody to ask it changes nothing', async () => {
    const { folder } = createRepository();
    const before = readTree(folder);
    const { code, stdout, stderr } = await runCommand(['init'], { cwd: folder });
    expect([code, stderr]).toEqual([1, expect.stringContaining('--yes')]);
    expect(stdout).toContain('.mcp.json (new file)');
    expect(stdout).toMatch(/\+ .*popstash hook pre-tool-use/);
    expect(readTree(folder)).toEqual(before);
  });

  test('writes all of it, the second time nothing, and --undo restores every byte', async () => {
    const { folder } = createRepository();
    mkdirSync(join(folder, '.claude'));
    const own = {
      hooks: { PreToolUse: [{ matcher: 'Bash', hooks: [{ type: 'command', command: 'mine' }] }] },
      model: 'x',
    };
    writeFileSync(join(folder, '.claude', 'settings.json'), JSON.stringify(own, null, '\t'));
    writeFileSync(join(folder, '.mcp.json'), '{"mcpServers":{"other":{"command":"o"}}}');
    writeFileSync(join(folder, 'CLAUDE.md'), '# Mine\r\n\r\nNo newline at the end');
    writeFileSync(join(folder, '.git', 'hooks', 'pre-commit'), '#!/bin/bash\necho mine\nexit 0\n', { mode: 0o755 });
    writeFileSync(join(folder, '.git', 'hooks', 'pre-push'), '#!/usr/bin/env python3\nprint("mine")\n', {
      mode: 0o700,
    });
    const before = readTree(folder);
    const written = JSON.parse((await runCommand(['init', ...ALL, '--yes', '--json'], { cwd: folder })).stdout);
    expect(written).toMatchObject({ applied: true, refused: [] });
    const after = readTree(folder);
    expect(Object.keys(after)).toEqual(
      expect.arrayContaining(['.cursor/hooks.json', '.cursor/mcp.json', '.clinerules/hooks/PreToolUse', 'AGENTS.md']),
    );
    const settings = JSON.parse(readFileSync(join(folder, '.claude', 'settings.json'), 'utf8'));
    expect(settings.model).toBe('x');
    expect(settings.hooks.PreToolUse.map((group: { hooks: { command: string }[] }) => group.hooks[0]?.command)).toEqual(
      ['mine', expect.stringMatching(/bin\/popstash hook pre-tool-use/)],
    );
    expect(JSON.parse(readFileSync(join(folder, '.mcp.json'), 'utf8')).mcpServers).toMatchObject({
      other: { command: 'o' },
      popstash: { args: expect.arrayContaining(['mcp']) },
    });

    expect((await runCommand(['init', ...ALL, '--yes'], { cwd: folder })).stdout).toContain('as they should be');
    expect(readTree(folder)).toEqual(after);
    expect((await runCommand(['init', '--undo', '--yes'], { cwd: folder })).code).toBe(0);
    expect(readTree(folder)).toEqual(before);
  });

  test('--undo leaves no folder behind, also where the record of init is elsewhere or gone', async () => {
    const { folder } = createRepository();
    const before = readTree(folder);
    const env = { POPSTASH_DATA_DIR: createFolder() };
    await runCommand(['init', ...ALL, '--yes'], { cwd: folder, env });
    // A second time with other settings, which are written into the files, as a person tries things out.
    await runCommand(['init', ...ALL, '--yes'], { cwd: folder, env: { ...env, POPSTASH_PROJECT: 'other' } });
    await runCommand(['init', '--undo', '--yes'], { cwd: folder, env });
    expect(readTree(folder)).toEqual(before);

    await runCommand(['init', ...ALL, '--yes'], { cwd: folder, env });
    await runCommand(['init', '--undo', '--yes'], { cwd: folder, env: { POPSTASH_DATA_DIR: createFolder() } });
    expect(readTree(folder)).toEqual(before);
  });

  test('--undo leaves folders that were there before, and those with files of others', async () => {
    const { folder } = createRepository();
    mkdirSync(join(folder, '.claude'));
    const env = { POPSTASH_DATA_DIR: createFolder() };
    await runCommand(['init', ...ALL, '--yes'], { cwd: folder, env });
    writeFileSync(join(folder, '.cursor', 'rules'), 'mine');
    await runCommand(['init', '--undo', '--yes'], { cwd: folder, env });
    expect(readdirSync(folder).sort()).toEqual(['.claude', '.cursor', '.git']);
    expect(readdirSync(join(folder, '.cursor'))).toEqual(['rules']);
  });

  test('what was written since stays when ours is taken out', async () => {
    const { folder } = createRepository();
    const env = { POPSTASH_DATA_DIR: createFolder() };
    await runCommand(['init', '--yes'], { cwd: folder, env });
    const path = join(folder, '.claude', 'settings.json');
    const settings = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...settings, model: 'later' }));
    writeFileSync(join(folder, 'CLAUDE.md'), `${readFileSync(join(folder, 'CLAUDE.md'), 'utf8')}\nLater words.\n`);
    await runCommand(['init', '--undo', '--yes'], { cwd: folder, env });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ model: 'later' });
    expect(readFileSync(join(folder, 'CLAUDE.md'), 'utf8').trim()).toBe('Later words.');
    expect(existsSync(join(folder, '.mcp.json'))).toBe(false);
  });

  test('hooks of the user go on: scripts, other languages, what a push says on stdin, core.hooksPath', async () => {
    const { folder, git } = createRepository();
    mkdirSync(join(folder, 'hooks of ours'));
    git('config', 'core.hooksPath', 'hooks of ours');
    const hook = (name: string, text: string) => {
      writeFileSync(join(folder, 'hooks of ours', name), text);
      chmodSync(join(folder, 'hooks of ours', name), 0o755);
    };
    hook('pre-commit', '#!/usr/bin/env perl\nopen(F, ">>commit.log"); print F "perl\\n"; exit 0;\n');
    hook('pre-push', '#!/bin/sh\ncat >> push.log\n');
    expect((await runCommand(['init', '--yes'], { cwd: folder })).code).toBe(0);
    const remote = createFolder();
    execFileSync('git', ['init', '-q', '--bare', remote]);
    git('add', '-A');
    git('commit', '-qm', 'first');
    git('push', '-q', remote, 'main');
    expect(readFileSync(join(folder, 'commit.log'), 'utf8')).toBe('perl\n');
    expect(readFileSync(join(folder, 'push.log'), 'utf8')).toMatch(
      /^refs\/heads\/main [0-9a-f]{40} refs\/heads\/main 0+\n$/,
    );
    git('worktree', 'add', '-q', join(folder, 'second'));
  });

  test('JSON with comments is edited in place, and --undo restores every byte, with the record of init or without', async () => {
    const { folder } = createRepository();
    const settings = [
      '// of the team',
      '{',
      '    "permissions": { "allow": ["Bash(ls:*)"], }, // one line',
      '    "hooks": {',
      '        /* mine */',
      '        "Stop": [',
      '            { "hooks": [{ "type": "command", "command": "mine" }] }, // first',
      '        ],',
      '    },',
      '}',
    ];
    mkdirSync(join(folder, '.claude'));
    writeFileSync(join(folder, '.claude', 'settings.json'), settings.join('\r\n'));
    writeFileSync(join(folder, '.mcp.json'), '\ufeff{ // mine\n}');
    const before = readTree(folder);
    const env = { POPSTASH_DATA_DIR: createFolder() };
    const { code, stdout } = await runCommand(['init', '--yes', '--json'], { cwd: folder, env });
    expect([code, JSON.parse(stdout).refused]).toEqual([0, []]);
    const after = readFileSync(join(folder, '.claude', 'settings.json'), 'utf8').split('\r\n');
    expect(after).toEqual(expect.arrayContaining(settings));
    expect(after.filter((line) => /popstash hook stop/.test(line))).toHaveLength(1);
    expect(readFileSync(join(folder, '.mcp.json'), 'utf8')).toMatch(
      /^\ufeff\{\n {2}"mcpServers": [\s\S]*\} \/\/ mine\n\}$/,
    );
    expect((await runCommand(['init', '--yes'], { cwd: folder, env })).stdout).toContain('as they should be');

    await runCommand(['init', '--undo', '--yes'], { cwd: folder, env: { POPSTASH_DATA_DIR: createFolder() } });
    expect(readTree(folder)).toEqual(before);
    await runCommand(['init', '--yes'], { cwd: folder, env });
    await runCommand(['init', '--undo', '--yes'], { cwd: folder, env });
    expect(readTree(folder)).toEqual(before);
  });

  test('a file that is no JSON is left alone and named', async () => {
    const { folder } = createRepository();
    const broken = '{\n  "mcpServers": {';
    writeFileSync(join(folder, '.mcp.json'), broken);
    const { code, stdout } = await runCommand(['init', '--yes', '--json'], { cwd: folder });
    expect(code).toBe(1);
    expect(JSON.parse(stdout).refused).toEqual([
      {
        path: join(folder, '.mcp.json'),
        reason: expect.stringContaining('in line 2'),
        paste: expect.stringContaining('"popstash"'),
      },
    ]);
    expect(readFileSync(join(folder, '.mcp.json'), 'utf8')).toBe(broken);
  });

  test('--project: files that a team shares name nothing of this machine, and the launcher runs what they name', async () => {
    const { folder, git } = createRepository();
    const home = createFolder();
    const env = { HOME: home, POPSTASH_DATA_DIR: undefined };
    const { code } = await runCommand(['init', ...ALL, '--project', '--yes'], { cwd: folder, env });
    expect(code).toBe(0);
    git('add', '-A');
    const committed = git('ls-files').trim().split('\n');
    expect(committed).toEqual(expect.arrayContaining(['.mcp.json', '.claude/settings.json', '.cursor/hooks.json']));
    for (const path of committed) {
      const text = readFileSync(join(folder, path), 'utf8');
      for (const own of [home, folder, dirname(MAIN), process.execPath]) expect(text).not.toContain(own);
    }
    expect(JSON.parse(readFileSync(join(folder, '.mcp.json'), 'utf8')).mcpServers.popstash).toEqual({
      command: 'npx',
      args: ['-y', 'popstash@0', 'mcp'],
    });
    const { hooks } = JSON.parse(readFileSync(join(folder, '.claude', 'settings.json'), 'utf8'));
    const [{ hooks: entries }] = hooks.PreToolUse;
    const ask = (HOME: string) =>
      spawnSync(entries[0].command, {
        shell: true,
        encoding: 'utf8',
        input: 'no payload',
        env: { HOME, PATH: '/bin' },
      });
    expect(ask(home)).toMatchObject({ status: 0, stderr: expect.stringContaining('popstash hook pre-tool-use') });
    expect(ask('/gone')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const verify = (...more: string[]) => runCommand(['init', '--verify', ...more], { cwd: folder, env });
    expect((await verify()).code).toBe(0);
    writeFileSync(join(folder, 'CLAUDE.md'), `${readFileSync(join(folder, 'CLAUDE.md'), 'utf8')}More.\n`);
    const settings = readFileSync(join(folder, '.claude', 'settings.json'), 'utf8');
    writeFileSync(join(folder, '.claude', 'settings.json'), settings.replace('pre-tool-use', 'nothing'));
    rmSync(join(folder, '.mcp.json'));
    const drifted = await verify('--json');
    expect(drifted.code).toBe(1);
    const states = Object.fromEntries(
      JSON.parse(drifted.stdout).files.map(({ path, state }: Record<string, string>) => [
        path?.slice(folder.length + 1),
        state,
      ]),
    );
    expect(states).toMatchObject({
      'CLAUDE.md': 'edited',
      '.claude/settings.json': 'changed',
      '.mcp.json': 'gone',
      '.cursor/mcp.json': 'as written',
    });
    const undone = await runCommand(['uninstall', '--yes'], { cwd: folder, env });
    expect(undone.code).toBe(0);
    // A server was never started, so nothing of PopStash is left in the home folder.
    expect(readdirSync(home)).toEqual([]);
  });
});

describe.each(['embedded', 'server'] as const)('popstash doctor in %s mode', (mode) => {
  test('proves a deny, and finds what init has written', async () => {
    const { folder } = createRepository();
    const url = mode === 'server' ? (await createTestDatabase()).url : undefined;
    const env = { POPSTASH_DATA_DIR: createDataFolder(), DATABASE_URL: url };
    const before = await runCommand(['doctor', '--json'], { cwd: folder, env });
    expect(before.code).toBe(1);
    const states = (stdout: string) =>
      Object.fromEntries(
        JSON.parse(stdout).checks.map((check: { name: string; state: string }) => [check.name, check.state]),
      );
    const missing = { claude: 'warning', 'git guards': 'warning', deny: 'broken', model: 'ok' };
    expect(states(before.stdout)).toMatchObject(missing);
    await runCommand(['init', '--yes'], { cwd: folder, env });
    const after = await runCommand(['doctor', '--json'], { cwd: folder, env: { ...env, POPSTASH_GUARD: 'guarded' } });
    expect(states(after.stdout)).toMatchObject({
      claude: 'ok',
      'git guards': 'ok',
      'claude deny': 'ok',
      'commit deny': 'ok',
    });
    expect(after.stdout).toContain('guarded: ');
  });
});

test('doctor says what is broken and ends with 1', async () => {
  const wrong = await runCommand(['doctor'], { env: { POPSTASH_GUARD: 'maybe' } });
  expect([wrong.code, wrong.stdout]).toEqual([
    1,
    expect.stringMatching(/BROKEN +settings +POPSTASH_GUARD is not usable/),
  ]);
  const away = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
  const unreachable = await runCommand(['doctor', '--json'], { env: away });
  expect(unreachable.code).toBe(1);
  const broken = expect.objectContaining({ name: 'database', state: 'broken' });
  expect(JSON.parse(unreachable.stdout).checks).toContainEqual(broken);
});
