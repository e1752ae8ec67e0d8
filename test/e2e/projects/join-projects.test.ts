// Copies and clones of a project that is still there are asked about, and are one with it when a person says so.
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connectClient } from '../../support/processes/client.js';
import { runCommand } from '../../support/processes/processes.js';
import { createVisitors } from '../../support/processes/project-places.js';
import { createFolder } from '../../support/setup/folders.js';
import { addWorktree, createRepository, git } from '../../support/setup/repositories.js';

const { decide, find, projects } = createVisitors();
const QUIET: [string[], string[]] = [[], []];
const ASKED = [[expect.stringMatching(/copy or clone of the project .*popstash projects link/)], []];

/** Two clones of one repository; something is stored in the first. */
async function createClones(): Promise<{ above: string; first: string; second: string }> {
  const above = realpathSync(createFolder());
  const origin = createRepository(join(above, 'origin'));
  const [first, second] = [join(above, 'first'), join(above, 'second')];
  for (const clone of [first, second]) git(above, 'clone', '-q', origin, clone);
  await decide(first, 'first');
  return { above, first, second };
}

describe('a clone', () => {
  test('of a project that is still there is asked about until it is linked; then both have one memory', async () => {
    const { above, first, second } = await createClones();
    expect(await find(second)).toEqual({ decisions: [], asked: ASKED });
    await decide(second, 'second');
    expect((await find(first)).decisions).toEqual(['first']);
    const { project: former } = await projects<{ project: { id: string } }>(second, 'show');
    const linked = await projects<{ from: string; into: { id: string; memories: number }; memories: number }>(
      second,
      'link',
    );
    expect(linked).toMatchObject({ from: former.id, into: { memories: 2 }, memories: 1 });
    const both = { decisions: ['first', 'second'], asked: QUIET };
    expect([await find(first), await find(second)]).toEqual([both, both]);
    renameSync(second, join(above, 'moved'));
    expect(await find(join(above, 'moved'))).toEqual(both);
    expect(await find(first)).toEqual(both);
  });

  test('is asked about the project that has the memory, not about another clone that waits for an answer', async () => {
    const { above, first, second } = await createClones();
    await find(second);
    const third = join(above, 'third');
    git(above, 'clone', '-q', second, third);
    const { asked } = await find(third);
    expect(asked[0][0]).toContain(join(first, '.git'));
    await projects(third, 'link');
    expect((await find(third)).decisions).toEqual(['first']);
  });

  test('is linked while agents work in it: they go on in the one project', async () => {
    const { first, second } = await createClones();
    const agent = await connectClient({ cwd: second });
    await agent.call('start_task', { task: 'work on', files: ['src/auth.ts'] });
    await projects(second, 'link');
    await agent.call('decide', { topic: 'after', decision: 'after' });
    expect((await find(first)).decisions).toEqual(['after', 'first']);
    const { agents } = await projects<{ project: { agents: number } }>(first, 'show').then(({ project }) => project);
    expect(agents).toBe(1);
    const other = await connectClient({ cwd: second });
    await expect(other.call('acquire', { patterns: ['src/auth.ts'] })).resolves.toMatchObject({ acquired: [] });
    await Promise.all([agent.close(), other.close()]);
  });

  test('is not asked about again when a person says that they are two', async () => {
    const { second } = await createClones();
    await decide(second, 'second');
    await projects(second, 'link', '--separate');
    expect(await find(second)).toEqual({ decisions: ['second'], asked: QUIET });
  });
});

describe('a copy', () => {
  test('has a memory of its own and is asked about', async () => {
    const { first, above } = await createClones();
    cpSync(first, join(above, 'copy'), { recursive: true });
    expect(await find(join(above, 'copy'))).toEqual({ decisions: [], asked: ASKED });
    await decide(join(above, 'copy'), 'copy');
    expect((await find(first)).decisions).toEqual(['first']);
    await projects(join(above, 'copy'), 'link');
    expect((await find(first)).decisions).toEqual(['copy', 'first']);
  });

  test('goes on as the project when the original is gone, and one of two does', async () => {
    const { first, above } = await createClones();
    const [one, two] = [join(above, 'one'), join(above, 'two')];
    for (const copy of [one, two]) cpSync(first, copy, { recursive: true });
    rmSync(first, { recursive: true });
    expect(await find(one)).toEqual({ decisions: ['first'], asked: QUIET });
    expect(await find(two)).toEqual({ decisions: [], asked: ASKED });
  });
});

describe('a record', () => {
  test('that somebody else wrote into a repository names no project', async () => {
    const above = realpathSync(createFolder());
    const [mine, foreign] = [createRepository(join(above, 'mine')), createRepository(join(above, 'foreign'))];
    await decide(mine, 'mine');
    const folder = join(mine, '.git', 'popstash');
    const name = readdirSync(folder).find((each) => each.startsWith('project-')) ?? '';
    const record = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    mkdirSync(join(foreign, '.git', 'popstash'));
    const forged = { ...record, place: join(foreign, '.git') };
    writeFileSync(join(foreign, '.git', 'popstash', name), JSON.stringify(forged));
    expect((await find(foreign)).decisions).toEqual([]);
  });

  test('is not needed: a repository that can not be written keeps its memory', async () => {
    const repository = createRepository();
    // A file in the way: root may write everywhere.
    writeFileSync(join(repository, '.git', 'popstash'), '');
    chmodSync(join(repository, '.git'), 0o500);
    await decide(repository, 'kept');
    expect(await find(repository)).toEqual({ decisions: ['kept'], asked: QUIET });
    expect((await find(addWorktree(repository, 'tree'))).decisions).toEqual(['kept']);
  });
});

test.runIf(process.getuid?.() === 0)('a repository of another user is none', async () => {
  const folder = realpathSync(createFolder());
  createRepository(folder);
  chownSync(join(folder, '.git'), 12_345, 12_345);
  mkdirSync(join(folder, 'within'));
  const { project } = await projects<{ project: { root: string } }>(join(folder, 'within'), 'show').catch(async () => {
    await decide(join(folder, 'within'), 'mine');
    return await projects<{ project: { root: string } }>(join(folder, 'within'), 'show');
  });
  expect(project.root).toBe(join(folder, 'within'));
});

describe('popstash projects', () => {
  test('lists, names, merges and forgets projects; it asks before it forgets', async () => {
    const above = realpathSync(createFolder());
    const [one, two] = [join(above, 'one'), join(above, 'two')];
    for (const folder of [one, two]) mkdirSync(folder);
    await decide(one, 'one');
    await decide(two, 'two');
    await projects(one, 'rename', '.', 'Shop');
    const { own, projects: listed } = await projects<{
      own: string;
      projects: { id: string; root: string; name: string }[];
    }>(one);
    expect(listed.find(({ id }) => id === own)).toMatchObject({ root: one, name: 'Shop' });
    const text = await runCommand(['projects', 'show', 'Shop'], { cwd: two });
    expect(text.stdout).toContain(one);
    await projects(two, 'merge', two, 'Shop');
    expect([await find(one), await find(two)]).toEqual(Array(2).fill({ decisions: ['one', 'two'], asked: QUIET }));
    const asked = await runCommand(['projects', 'forget', 'Shop'], { cwd: one });
    expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') });
    expect(await projects(one, 'forget', 'Shop', '--force')).toMatchObject({ memories: 2 });
    expect((await find(one)).decisions).toEqual([]);
    expect(existsSync(one)).toBe(true);
    const unknown = await runCommand(['projects', 'show', 'no such project'], { cwd: one });
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('popstash projects list') });
  });
});
