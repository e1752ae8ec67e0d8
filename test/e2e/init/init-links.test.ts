// What `popstash init` says of links and of hooks that are not the repository's own; each kind of link is a unit test.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../../support/processes/processes.js';
import { childEnvironment } from '../../support/setup/environment.js';
import { createFolder, MAIN } from '../../support/setup/folders.js';

function createRepository(): { folder: string; git: (...args: string[]) => string } {
  const folder = realpathSync(createFolder());
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe', encoding: 'utf8' });
  git('init', '-q', '-b', 'main');
  return { folder, git };
}

test('a link that leads out is named with the fix, the rest is written, and the exit code is 1', async () => {
  const { folder } = createRepository();
  const outside = realpathSync(createFolder());
  symlinkSync(outside, join(folder, '.claude'));
  mkdirSync(join(folder, 'docs'));
  writeFileSync(join(folder, 'docs', 'rules.md'), '# Mine\n');
  symlinkSync('docs/rules.md', join(folder, 'CLAUDE.md'));
  const { code, stdout } = await runCommand(['init', '--client', 'claude', '--yes'], { cwd: folder });
  expect(code).toBe(1);
  expect(stdout).toContain(`${join(folder, '.claude', 'settings.json')} is left alone: it leads to ${outside}`);
  expect(stdout).toContain('Put a file or folder in the place of the link');
  expect(stdout).toContain(
    `Note: ${join(folder, 'CLAUDE.md')} is behind a link: ${join(folder, 'docs', 'rules.md')} is changed.`,
  );
  expect(existsSync(join(outside, 'settings.json'))).toBe(false);
  expect(readFileSync(join(folder, 'docs', 'rules.md'), 'utf8')).toContain('popstash');
  expect((await runCommand(['init', '--undo', '--yes'], { cwd: folder })).code).toBe(0);
  expect(readFileSync(join(folder, 'docs', 'rules.md'), 'utf8')).toBe('# Mine\n');
});

test('hooks in a folder of the worktree are told of', async () => {
  const { folder, git } = createRepository();
  mkdirSync(join(folder, '.githooks'));
  git('config', 'core.hooksPath', '.githooks');
  const { stdout } = await runCommand(['init', '--client', 'claude', '--yes'], { cwd: folder });
  expect(stdout).toMatch(/Note: git reads its hooks from \S+\.githooks, by core\.hooksPath: the guards stand there/);
});

/** Runs a command on a terminal, and answers each question. */
const ON_A_TERMINAL = `
import os, pty, sys
answers = [(question.encode(), answer) for question, answer in zip(['hooks of its own', 'Make these changes'], sys.argv[1].split(','))]
pid, terminal = pty.fork()
if pid == 0: os.execv(sys.argv[2], sys.argv[2:])
said = b''
while True:
    try: data = os.read(terminal, 65536)
    except OSError: break
    if not data: break
    said += data
    if answers and answers[0][0] in said: os.write(terminal, (answers.pop(0)[1] + '\\n').encode())
sys.stdout.buffer.write(said)
sys.exit(os.WEXITSTATUS(os.waitpid(pid, 0)[1]))
`;

describe('hooks that other repositories share are asked about on a terminal', () => {
  test.each([
    ['y,y', true],
    ['n,y', false],
  ])('%s', (answers, isOwn) => {
    const { folder, git } = createRepository();
    const shared = realpathSync(createFolder());
    writeFileSync(join(shared, 'pre-commit'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    git('config', 'core.hooksPath', shared);
    const command = [process.execPath, MAIN, 'init', '--client', 'claude'];
    const env = childEnvironment();
    const { stdout } = spawnSync('python3', ['-c', ON_A_TERMINAL, answers, ...command], {
      cwd: folder,
      env,
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(stdout).toContain(`Git reads its hooks from ${shared}, which is not this repository's own.`);
    const own = join(folder, '.git', 'popstash', 'hooks');
    expect(git('config', '--get', 'core.hooksPath').trim()).toBe(isOwn ? own : shared);
    expect(existsSync(join(own, 'pre-commit'))).toBe(isOwn);
    expect(readFileSync(join(shared, 'pre-commit'), 'utf8')).toBe('#!/bin/sh\nexit 0\n');
    expect(existsSync(join(folder, '.mcp.json'))).toBe(true);
  });
});
