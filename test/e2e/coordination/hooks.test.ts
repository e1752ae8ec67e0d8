// Hooks of clients as the clients run them: processes with a payload on stdin, children of the process that also
// started `popstash mcp`, in both modes.
import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createGuardedRepository } from '../../support/processes/guarded-repository.js';
import { type HookedClient, startHookedClient } from '../../support/processes/hooked-client.js';
import { runCommand } from '../../support/processes/processes.js';
import { createTestDatabase } from '../../support/setup/database.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder, createFolder } from '../../support/setup/folders.js';

describe.each(['embedded', 'server'] as const)('hooks in %s mode', (mode) => {
  let env: EnvironmentChange;
  let project: string;
  let one: HookedClient;
  let two: HookedClient;

  beforeAll(async () => {
    env = { POPSTASH_DATA_DIR: createDataFolder() };
    if (mode === 'server') env = { ...env, DATABASE_URL: (await createTestDatabase()).url };
    project = await createGuardedRepository(env);
    one = await startHookedClient({ env, cwd: project });
    two = await startHookedClient({ env, cwd: project, name: 'cursor-vscode' });
  });

  test('an edit of a held file is denied, naming holder, task and time left; of a free one it claims', async () => {
    await one.call('start_task', { task: 'Refactor auth', files: ['src/auth.ts'] });
    const denied = await two.edit(join(project, 'src/auth.ts'));
    expect(denied).toMatchObject({ code: 0, stderr: '' });
    const { permissionDecision, permissionDecisionReason: reason } = denied.said.hookSpecificOutput;
    expect(permissionDecision).toBe('deny');
    expect(reason).toContain(`src/auth.ts is held by ${one.agentName} (claude-code, `);
    expect(reason).toContain(', task "Refactor auth"), in ');
    expect(reason).toMatch(/for 1[45] minutes more/);
    expect(reason).toContain('ask the user: only a person can free it');
    expect(reason).not.toContain('--force');

    expect(await two.edit('src/free.ts')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const claimed = await one.edit(join(project, 'src/free.ts'));
    expect(claimed.said.hookSpecificOutput.permissionDecisionReason).toContain(`${two.agentName} (cursor-vscode, `);
    // Its own, by task or by claim.
    expect((await one.edit(join(project, 'src/auth.ts'))).said).toBeNull();
    expect((await two.edit(join(project, 'src/free.ts'))).said).toBeNull();
  });

  test('the end of a turn frees what was claimed, the end of a task what it locked', async () => {
    expect((await two.hook('stop')).stdout).toBe('');
    expect((await one.edit('src/free.ts')).said).toBeNull();
    await one.hook('stop');
    // Within a task the claims stay until its end.
    expect((await two.edit('src/free.ts')).said.hookSpecificOutput.permissionDecision).toBe('deny');
    expect((await two.edit('src/auth.ts')).said.hookSpecificOutput.permissionDecision).toBe('deny');
    await one.call('end_task', { summary: 'done' });
    expect((await two.edit('src/auth.ts')).said).toBeNull();
    expect((await two.edit('src/free.ts')).said).toBeNull();
    await two.hook('stop');
  });

  test('a client without a connection acts for nobody: held files are denied, nothing is claimed', async () => {
    const stranger = await startHookedClient({ env, cwd: project, connected: false });
    await one.edit('src/held.ts');
    expect((await stranger.edit('src/held.ts')).said.hookSpecificOutput.permissionDecision).toBe('deny');
    expect((await stranger.edit('src/unheld.ts')).said).toBeNull();
    expect((await two.edit('src/unheld.ts')).said).toBeNull();
    await Promise.all([one.hook('stop'), two.hook('stop')]);
    await stranger.close();
  });

  test('a session that was seen once is known when its processes say nothing', async () => {
    const elsewhere = await startHookedClient({ env, cwd: project, connected: false, session: 'known-session' });
    const known = await startHookedClient({ env, cwd: project, session: 'known-session' });
    await known.edit('src/known.ts');
    expect((await elsewhere.edit('src/known.ts')).said).toBeNull();
    expect((await elsewhere.edit('src/known.ts', { session_id: 'other' })).said).not.toBeNull();
    await Promise.all([known.close(), elsewhere.close()]);
  });

  test('subagents of one agent exclude each other, but not their parent; one that stops frees its claims', async () => {
    const first = { agent_id: 'sub-1', agent_type: 'Explore' };
    const second = { agent_id: 'sub-2', agent_type: 'Plan' };
    await one.call('start_task', { task: 'With helpers', files: ['src/shared/'] });
    expect((await one.edit('src/mine.ts', first)).said).toBeNull();
    expect((await one.edit('src/mine.ts', second)).said.hookSpecificOutput.permissionDecision).toBe('deny');
    expect((await one.edit('src/mine.ts')).said).toBeNull();
    expect((await one.edit('src/shared/a.ts', second)).said).toBeNull();
    expect((await one.edit('src/shared/a.ts', first)).said.hookSpecificOutput.permissionDecisionReason).toContain(
      'Plan',
    );
    await one.hook('subagent-stop', second);
    expect((await one.edit('src/shared/a.ts', first)).said).toBeNull();
    expect((await two.edit('src/shared/a.ts')).said.hookSpecificOutput.permissionDecision).toBe('deny');
    await one.call('end_task', { summary: 'done' });
    expect((await two.edit('src/mine.ts')).said).toBeNull();
    await two.hook('stop');
  });

  test('paths: outside the project, odd names, links, another worktree', async () => {
    expect((await one.edit(join(createFolder(), 'x.ts'))).said).toBeNull();
    expect((await one.edit('app/[id]/page.tsx')).said).toBeNull();
    expect((await two.edit('app/i/page.tsx')).said).toBeNull();
    expect((await two.edit('app/[id]/page.tsx')).said).not.toBeNull();
    symlinkSync(join(project, 'src/auth.ts'), join(project, 'link.ts'));
    await one.edit('src/auth.ts');
    expect((await two.edit('link.ts')).said.hookSpecificOutput.permissionDecisionReason).toContain('src/auth.ts');
    const worktree = join(createFolder(), 'second');
    await one.run(`git worktree add -q ${worktree}`, project);
    expect((await two.edit(join(worktree, 'src/auth.ts'))).said).not.toBeNull();
    const third = await startHookedClient({ env, cwd: worktree });
    expect((await third.edit('src/auth.ts')).said).not.toBeNull();
    await Promise.all([one.hook('stop'), two.hook('stop'), third.close()]);
  });

  test('a session begins with who is at work', async () => {
    await one.call('start_task', { task: 'Move the tables', files: ['db/**'] });
    const { said } = await two.hook('session-start', { source: 'startup' });
    expect(said.hookSpecificOutput.hookEventName).toBe('SessionStart');
    expect(said.hookSpecificOutput.additionalContext).toContain('task "Move the tables"); holds db/**');
    expect(said.hookSpecificOutput.additionalContext).toContain('start_task');
    await one.call('end_task', { summary: 'done' });
  });

  describe('shell writes', () => {
    const held = ['src/auth.ts', 'src/lib/a.ts'];

    beforeAll(async () => {
      await one.call('start_task', { task: 'Refactor auth', files: ['src/auth.ts', 'src/lib/**'] });
    });

    test.each([
      ['echo x >> src/auth.ts', 'src/auth.ts'],
      ['rm src/lib/a.ts', 'src/lib/a.ts'],
      [`python3 -c "open('src/auth.ts', 'a').write('p')"`, 'src/auth.ts'],
      ["perl -pi -e 's/$/!/' src/auth.ts", 'src/auth.ts'],
      ["sed -i 's/one/two/' src/lib/a.ts", 'src/lib/a.ts'],
      ['echo new > src/lib/new.ts', 'src/lib/new.ts'],
      ['git checkout -q src/auth.ts', 'src/auth.ts'],
      ['echo x > src/auth.ts; false', 'src/auth.ts'],
      ['cp -p src/lib/a.ts src/auth.ts && touch -r src/lib/a.ts src/auth.ts', 'src/auth.ts'],
    ])('%s is noticed, and its holder told', async (command, file) => {
      for (const path of held) writeFileSync(join(project, path), `one ${Math.random()}\n`);
      const { said } = await two.bash(command);
      const told = said.reason ?? said.hookSpecificOutput.additionalContext;
      expect(told).toContain(`${file}: held by ${one.agentName} (claude-code, `);
      expect(told).toContain('task "Refactor auth")');
      const { notices } = await one.call<{ notices: { kind: string; message: string }[] }>('ping');
      expect(notices).toEqual([expect.objectContaining({ kind: 'shell_write' })]);
      expect(notices[0]?.message).toContain(`${file}, held by you, changed while ${two.agentName} (cursor-vscode, `);
    });

    test('commands that change nothing held, or only times, are not', async () => {
      expect((await two.bash('echo x > src/other.ts; cat src/auth.ts; touch src/auth.ts; ls src/lib')).said).toBeNull();
    });

    test("the holder's own edits are nobody else's, and its own commands may write", async () => {
      const use = { tool_name: 'Bash', tool_input: { command: 'sleep 1' }, tool_use_id: 'toolu_other' };
      await two.hook('pre-tool-use', use);
      await one.edit('src/auth.ts');
      writeFileSync(join(project, 'src/auth.ts'), 'by its holder\n');
      await one.hook('post-tool-use', { tool_name: 'Edit', tool_input: { file_path: 'src/auth.ts' } });
      expect((await two.hook('post-tool-use', use)).said).toBeNull();
      expect((await one.bash('echo also by its holder > src/lib/a.ts')).said).toBeNull();
    });

    test('a secret in the command is not passed on', async () => {
      await two.bash('API_KEY=sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ echo x > src/auth.ts');
      const { notices } = await one.call<{ notices: { message: string }[] }>('ping');
      expect(notices[0]?.message).toContain('src/auth.ts');
      expect(notices[0]?.message).not.toContain('sk-ant-api03');
      await one.call('end_task', { summary: 'done' });
    });
  });

  test('Cursor and Cline are answered in their own words', async () => {
    await one.edit('src/theirs.ts');
    const cursor = { conversation_id: 'c1', hook_event_name: 'preToolUse', tool_name: 'Write', session_id: undefined };
    const input = { tool_input: { file_path: join(project, 'src/theirs.ts') }, workspace_roots: [project] };
    const denied = await two.hook('pre-tool-use', { ...cursor, ...input }, '--client cursor');
    expect(denied.said).toMatchObject({
      permission: 'deny',
      agent_message: expect.stringContaining(`${one.agentName} (`),
    });
    const allowed = { ...cursor, tool_input: { file_path: 'src/not-held.ts' }, workspace_roots: [project] };
    expect((await two.hook('pre-tool-use', allowed, '--client cursor')).said).toBeNull();

    const preToolUse = { toolName: 'replace_in_file', parameters: { path: 'src/theirs.ts' } };
    const cline = { taskId: 't1', hookName: 'PreToolUse', workspaceRoots: [project], preToolUse };
    const cancelled = await two.hook('pre-tool-use', cline, '--client cline');
    expect(cancelled.said).toMatchObject({ cancel: true, errorMessage: expect.stringContaining(`${one.agentName} (`) });
    const free = { ...cline, preToolUse: { ...preToolUse, parameters: { path: 'src/free-one.ts' } } };
    expect((await two.hook('pre-tool-use', free, '--client cline')).said).toEqual({ cancel: false });
    await Promise.all([one.hook('stop'), two.hook('stop')]);
  });

  test('a commit of a held file is refused with the fix, and passes after the release', async () => {
    await one.call('start_task', { task: 'Refactor auth', files: ['src/auth.ts'] });
    writeFileSync(join(project, 'src/auth.ts'), 'to be committed\n');
    const commit = 'git add -A && git commit -qm change';
    const refused = await two.act(commit, project);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain(`src/auth.ts is held by ${one.agentName} (claude-code, `);
    expect(refused.stderr).toContain('git restore --staged FILE');
    // Its holder may.
    expect(await one.act(commit, project)).toMatchObject({ code: 0 });

    writeFileSync(join(project, 'src/auth.ts'), 'after the release\n');
    expect((await two.act(commit, project)).code).not.toBe(0);
    await one.call('end_task', { summary: 'done' });
    expect(await two.act(commit, project)).toMatchObject({ code: 0 });
  });

  test('a person releases a lock by force, and its holder is told', async () => {
    await one.call('start_task', { task: 'Long work', files: ['docs/**'] });
    const listed = await runCommand(['locks'], { env, cwd: project });
    expect(listed.stdout).toMatch(
      new RegExp(`docs/\\*\\* +${one.agentName} \\(claude-code, tmux %7\\) +"Long work" .* left`),
    );
    const args = ['locks', 'release', 'docs/**', '--force', '--reason', 'it is needed', '--json'];
    const released = await runCommand(args, { env, cwd: project });
    expect(JSON.parse(released.stdout).released).toEqual([
      expect.objectContaining({ pattern: 'docs/**', agentId: one.agentId }),
    ]);
    const { notices } = await one.call<{ notices: { kind: string; message: string }[] }>('ping');
    expect(notices[0]).toMatchObject({ kind: 'lock_lost', message: expect.stringContaining('it is needed') });
    expect((await runCommand(['locks'], { env, cwd: project })).stdout).toContain('No file is locked.');
    const status = await runCommand(['status'], { env, cwd: project });
    expect(status.stdout).toContain('Long work');
    await one.call('end_task', { summary: 'done' });
  });

  test('a folder is released by its name alone, whether or not it is there; what reaches beyond a path stays', async () => {
    const release = (...paths: string[]) =>
      runCommand(['locks', 'release', ...paths, '--force'], { env, cwd: project });
    await one.call('start_task', { task: 'A new folder', files: ['not-there/**', 'nor-this/deep/a.ts', 'named'] });
    const part = await release('not-there/a.md', 'nowhere');
    expect(part).toMatchObject({ code: 1, stderr: '' });
    expect(part.stdout).toBe(
      `Nobody holds not-there/a.md as such, but this overlaps with it: not-there/**, held by ${one.agentName} (claude-code, tmux %7, task "A new folder"). ` +
        `To release that: popstash locks release 'not-there/**' --force\n` +
        'Nobody holds nowhere (popstash locks lists what is held).\n',
    );
    expect((await release('not-there', 'nor-this')).stdout.match(/^Released \S+/gm)?.sort()).toEqual([
      'Released nor-this/deep/a.ts,',
      'Released not-there/**,',
    ]);
    // What is held by that very name comes first.
    await one.call('acquire', { patterns: ['named/**'] });
    expect((await release('named')).stdout).toMatch(/^Released named, .*\n$/);
    expect((await release('named')).stdout).toMatch(/^Released named\/\*\*, .*\n$/);
    expect((await runCommand(['locks'], { env, cwd: project })).stdout).toContain('No file is locked.');
    await one.call('end_task', { summary: 'done' });
  });

  test('without a server: advisory lets pass, guarded refuses, off asks nobody', async () => {
    const lonely = { POPSTASH_DATA_DIR: createFolder() };
    const input = JSON.stringify({ tool_name: 'Edit', tool_input: { file_path: join(project, 'src/auth.ts') } });
    const hook = (guard: string) =>
      runCommand(['hook', 'pre-tool-use'], { env: { ...lonely, POPSTASH_GUARD: guard }, cwd: project, input });
    const advisory = JSON.parse((await hook('advisory')).stdout).hookSpecificOutput;
    expect(advisory).toEqual({
      hookEventName: 'PreToolUse',
      additionalContext: expect.stringContaining('its server does not run'),
    });
    expect(await hook('off')).toEqual({ code: 0, stdout: '', stderr: '' });
    const guarded = await hook('guarded');
    expect(guarded.code).toBe(0);
    expect(JSON.parse(guarded.stdout).hookSpecificOutput).toMatchObject({
      permissionDecision: 'deny',
      permissionDecisionReason: expect.stringContaining('its server does not run'),
    });
    const broken = await runCommand(['hook', 'pre-tool-use'], { env: lonely, cwd: project, input: '{' });
    expect(broken).toMatchObject({ code: 0, stdout: expect.stringContaining('could not be read') });
  });

  // In server mode every front would have to be stopped: the guard asks one after the other.
  const testEmbedded = mode === 'embedded' ? test : () => undefined;
  testEmbedded('a server that gives no verdict: advisory says so, guarded refuses', async () => {
    writeFileSync(join(project, 'src/auth.ts'), 'staged while no server answers\n');
    execFileSync('git', ['add', '-A'], { cwd: project });
    const guard = (setting: string) =>
      runCommand(['guard', 'pre-commit'], { env: { ...env, POPSTASH_GUARD: setting }, cwd: project });
    const { pid } = JSON.parse((await runCommand(['up', '--json'], { env, cwd: project })).stdout) as { pid: number };
    process.kill(pid, 'SIGSTOP');
    try {
      const [advisory, guarded] = await Promise.all([guard('advisory'), guard('guarded')]);
      expect(advisory).toMatchObject({ code: 0, stderr: expect.stringContaining('did not check this') });
      expect(guarded).toMatchObject({ code: 1, stderr: expect.stringContaining('its server does not answer') });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    expect(await guard('guarded')).toMatchObject({ code: 0, stderr: '' });
  });
});
