// What agents are told about files that changed while a command ran, with real hooks, commands and files. In both modes,
// since in server mode each agent's hooks are answered by a process of its own.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type HookAnswer, type HookedClient, startHookedClient } from '../../support/processes/hooked-client.js';
import { createTestDatabase } from '../../support/setup/database.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder, createFolder } from '../../support/setup/folders.js';
import { createRepository } from '../../support/setup/repositories.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const FILES = ['src/a.ts', 'src/b.ts', 'src/lib/a.ts', 'src/held.ts'];

interface Told {
  notices?: { kind: string; message: string; data: { files?: string[]; count?: number } }[];
}

describe.each(['embedded', 'server'] as const)('blame in %s mode', (mode) => {
  let env: EnvironmentChange;
  let project: string;
  let holder: HookedClient;
  let other: HookedClient;
  let calls = 0;

  beforeAll(async () => {
    env = { POPSTASH_DATA_DIR: createDataFolder() };
    if (mode === 'server') env = { ...env, DATABASE_URL: (await createTestDatabase()).url };
  });

  beforeEach(async () => {
    project = createRepository(undefined, FILES);
    holder = await startHookedClient({ env, cwd: project });
    other = await startHookedClient({ env, cwd: project, name: 'cursor-vscode' });
  });

  afterEach(async () => {
    await Promise.all([holder.close(), other.close()]);
  });

  /** A tool call that has begun and not returned. */
  async function begin(client: HookedClient, command: string): Promise<() => Promise<HookAnswer>> {
    calls += 1;
    const use = { tool_name: 'Bash', tool_input: { command }, tool_use_id: `blame_${calls}` };
    await client.hook('pre-tool-use', use);
    return () => client.hook('post-tool-use', use);
  }

  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  };
  const told = ({ said }: HookAnswer): string => said?.reason ?? said?.hookSpecificOutput?.additionalContext ?? '';
  const noticesOf = async (client: HookedClient) => (await client.call<Told>('ping')).notices ?? [];

  test("beside the holder's own generator of 6,000 files, `true` is accused of nothing", async () => {
    await holder.call('start_task', { task: 'Generate', files: ['gen/**'] });
    const generate = (from: number, to: number) => {
      for (let file = from; file < to; file += 1)
        write(`gen/${file % 60}/file-${file}.ts`, `export const x = ${file};\n`);
    };
    generate(0, 6_000);
    expect(told(await other.bash('true'))).toBe('');

    const generated = await begin(holder, 'npm run generate');
    const finished = await begin(other, 'true');
    generate(6_000, 6_400);
    const said = told(await finished());
    expect(said).toMatch(/ \(claude-code, .*task "Generate"\) with "npm run generate" worked at the same time/);
    expect(said).toContain('may be yours or theirs');
    expect(said).not.toContain('put them back');
    expect(said.match(/gen\/\d+\/file-\d+\.ts/g)?.length).toBeLessThanOrEqual(20);
    expect(said).toMatch(/ and \d{3} more: held by/);
    expect(encode(said).length).toBeLessThanOrEqual(400);
    // The holder hears of it with its own command's end, once, and as what it is.
    const heard = told(await generated());
    expect(heard).toContain('It may be of either');
    expect(heard).toContain('"count":400');
    expect(heard.match(/gen\/\d+\/file-\d+\.ts/g)?.length).toBeLessThanOrEqual(20);
    expect(encode(heard).length).toBeLessThanOrEqual(400);
    expect((await holder.call<Told>('who_is_working')).notices ?? []).toEqual([]);
  });

  test("build output that git ignores is nobody's change, whatever made it held", async () => {
    write('app/.gitignore', 'out/\n');
    await holder.call('start_task', { task: 'Build', files: ['app/**'] });
    write('app/out/old.js', 'old');
    // Its own edit of an ignored file claims it.
    await holder.edit('app/out/bundle.js');
    expect(told(await other.bash('echo built > app/out/bundle.js; echo built > app/out/new.js'))).toBe('');
    // The file is listed for the first time: it was there before.
    expect(told(await other.bash('touch other.txt; echo > app/.gitignore'))).not.toContain('out/old.js');
  });

  test("the holder's own running command is not blamed on the other, nor the other's on nobody", async () => {
    await holder.call('start_task', { task: 'Refactor', files: ['src/a.ts', 'src/b.ts'] });
    // The holder's command ends first: what the other one wrote meanwhile is not silently its own.
    const holderEnds = await begin(holder, 'make all');
    const otherEnds = await begin(other, 'echo x > src/a.ts');
    write('src/a.ts', `by the other ${Math.random()}`);
    expect(told(await holderEnds())).toBe('');
    const said = told(await otherEnds());
    expect(said).toMatch(/ \(claude-code, .*\) with "make all"/);
    expect(said).toContain('src/a.ts: held by');
    expect((await noticesOf(holder))[0]?.message).toContain('At the same time worked: you.');

    // A command of the holder that saw no change of the file is out of the question.
    const slowEnds = await begin(other, 'sleep 1; echo x > src/b.ts');
    expect(told(await holder.bash('ls'))).toBe('');
    write('src/b.ts', `by the other ${Math.random()}`);
    const alone = told(await slowEnds());
    expect(alone).toContain('src/b.ts: held by');
    expect(alone).toContain('put them back');
  });

  test("an edit of the holder that has not been reported yet is not the other command's", async () => {
    await holder.call('start_task', { task: 'Refactor', files: ['src/a.ts'] });
    const otherEnds = await begin(other, 'sleep 1');
    await holder.edit('src/a.ts', { tool_use_id: 'edit_under_way' });
    write('src/a.ts', `by the holder's editor ${Math.random()}`);
    const said = told(await otherEnds());
    expect(said).toMatch(/ \(claude-code, .*\) with an edit/);
    expect(said).not.toContain('put them back');
    await holder.hook('post-tool-use', {
      tool_name: 'Edit',
      tool_input: { file_path: 'src/a.ts' },
      tool_use_id: 'edit_under_way',
    });
  });

  test('what a holder left running in the background may have made a change, until it ends', async () => {
    await holder.call('start_task', { task: 'Watch', files: ['src/a.ts'] });
    const seen = join(createFolder(), 'seen');
    await holder.bash(`(while [ ! -e ${seen} ]; do sleep 0.1; done; sleep 0.2) > /dev/null 2>&1 & sleep 0.1`);
    // It is known of a moment after the command has returned.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const during = told(await other.bash(`echo ${Math.random()} > src/a.ts`));
    expect(during).toContain(`${holder.agentName} (claude-code, `);
    expect(during).toContain('may be yours or theirs');
    writeFileSync(seen, '');
    await waitUntil(async () => {
      const after = told(await other.bash(`echo ${Math.random()} > src/a.ts`));
      return after.includes('put them back') && !after.includes('may be yours');
    }, "the change is the command's alone");
  });

  test('a call of the holder that was cancelled clouds nothing any more when its turn has ended', async () => {
    await holder.call('start_task', { task: 'Refactor', files: ['src/a.ts'] });
    await begin(holder, 'make all');
    expect(told(await other.bash(`echo ${Math.random()} > src/a.ts`))).toContain('may be yours or theirs');
    await holder.hook('stop');
    const said = told(await other.bash(`echo ${Math.random()} > src/a.ts`));
    expect(said).toContain('put them back');
    expect(said).not.toContain('may be yours');
  });

  test('a content that an agent once wrote there is noticed when it comes again', async () => {
    await holder.call('start_task', { task: 'Refactor', files: ['src/a.ts'] });
    await holder.edit('src/a.ts', { tool_use_id: 'once' });
    write('src/a.ts', 'once\n');
    await holder.hook('post-tool-use', {
      tool_name: 'Edit',
      tool_input: { file_path: 'src/a.ts' },
      tool_use_id: 'once',
    });
    write('src/a.ts', 'since then changed by a person\n');
    expect(told(await other.bash('echo once > src/a.ts'))).toContain('src/a.ts: held by');
    expect(await noticesOf(holder)).toEqual([expect.objectContaining({ kind: 'shell_write' })]);
  });

  test('the same path in another worktree is another file', async () => {
    const worktree = join(createFolder(), 'second');
    execFileSync('git', ['worktree', 'add', '-q', '-b', 'second', worktree], { cwd: project, stdio: 'pipe' });
    const elsewhere = await startHookedClient({ env, cwd: worktree, name: 'elsewhere' });
    await holder.call('start_task', { task: 'Refactor', files: ['src/a.ts', 'src/lib/**'] });
    const command = `mkdir -p ${worktree}/src/lib; echo x > ${worktree}/src/a.ts; echo x > ${worktree}/src/lib/new.ts`;
    expect(told(await elsewhere.bash(command))).toBe('');
    expect(existsSync(join(worktree, 'src/lib/new.ts'))).toBe(true);
    expect(await noticesOf(holder)).toEqual([]);
    await elsewhere.close();
  });

  test('the notices of one answer take at most 400 tokens; the rest is counted', async () => {
    await holder.call('acquire', { patterns: ['src/held.ts'] });
    const words = 'the parser of the configuration moves to another folder, please wait for it; ';
    for (let count = 0; count < 8; count += 1)
      await other.call('announce', { message: `${count}: ${words.repeat(4)}` });
    await other.call('announce', { message: `漢字 ${'長い文章です。'.repeat(100)}`, files: ['src/a.ts'] });
    await other.bash('echo x > src/held.ts');
    const { notices = [] } = await holder.call<Told>('who_is_working');
    expect(encode(JSON.stringify(notices)).length).toBeLessThanOrEqual(400);
    // The most urgent one is among them.
    expect(notices.map(({ kind }) => kind)).toContain('shell_write');
    expect(notices.at(-1)).toMatchObject({
      kind: 'more',
      message: expect.stringMatching(/\d+ announcement.*timeline/),
    });
    expect(await noticesOf(holder)).toEqual([]);
    await other.call('announce', { message: words.repeat(20) });
    const [long] = await noticesOf(holder);
    expect(long?.message).toMatch(/^the parser.*…$/);
    const { activities } = await holder.call<{ activities: { description: string }[] }>('timeline', { limit: 1 });
    expect(activities[0]?.description).toContain(words.repeat(20).trim());
  });
});
