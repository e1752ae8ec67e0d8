// In server mode the clones of a team are one project, whatever the paths and machines.
import { realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createVisitors } from '../../support/processes/project-places.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { createFolder } from '../../support/setup/folders.js';
import { createRepository, git } from '../../support/setup/repositories.js';

const server = { DATABASE_URL: (await createTestDatabase()).url };

test('two clones on two machines are one project; another history, another remote and a given name are others', async () => {
  // A machine of its own has a data folder of its own.
  const [ann, bob] = [createFolder(), createFolder()].map((POPSTASH_DATA_DIR) =>
    createVisitors({ ...server, POPSTASH_DATA_DIR }),
  );
  const above = realpathSync(createFolder());
  const [origin, other] = [
    createRepository(join(above, 'origin')),
    createRepository(join(above, 'other'), ['other.md']),
  ];
  const [annes, bobs] = [join(above, 'ann', 'app'), join(above, 'bob', 'app')];
  for (const clone of [annes, bobs]) git(above, 'clone', '-q', origin, clone);
  await ann?.decide(annes, 'ann');
  const both = { decisions: ['ann'], asked: [[], []] };
  expect(await bob?.find(bobs)).toEqual(both);
  await bob?.decide(bobs, 'bob');
  expect((await ann?.find(annes))?.decisions).toEqual(['ann', 'bob']);

  // A shallow clone does not know the first commit.
  git(above, 'clone', '-q', '--depth=1', `file://${origin}`, join(above, 'shallow'));
  expect((await bob?.find(join(above, 'shallow')))?.decisions).toEqual(['ann', 'bob']);
  // The same path on another machine.
  rmSync(bobs, { recursive: true });
  git(above, 'clone', '-q', other, bobs);
  expect(await bob?.find(bobs)).toMatchObject({ decisions: [] });
  const named = createVisitors({ ...server, POPSTASH_DATA_DIR: createFolder(), POPSTASH_PROJECT: 'shop' });
  expect((await named.find(annes)).decisions).toEqual([]);
  await named.decide(annes, 'named');
  expect((await named.find(other)).decisions).toEqual(['named']);
});

test('clones that a team used apart before keep their memories, and are asked about', async () => {
  const { decide, find, projects } = createVisitors({ ...server, POPSTASH_DATA_DIR: createFolder() });
  const above = realpathSync(createFolder());
  const [one, two] = [createRepository(join(above, 'one'), ['one.md']), join(above, 'two')];
  git(above, 'clone', '-q', one, two);
  git(two, 'remote', 'remove', 'origin');
  await decide(one, 'one');
  await decide(two, 'two');
  for (const clone of [one, two]) git(clone, 'remote', 'add', 'origin', 'git@example.org:team/app.git');
  for (const clone of [one, two]) rmSync(join(clone, '.git', 'popstash'), { recursive: true });
  expect((await find(one)).decisions).toEqual(['one']);
  expect(await find(two)).toMatchObject({ decisions: ['two'] });
  await projects(two, 'link', one);
  expect((await find(one)).decisions).toEqual(['one', 'two']);
  expect((await find(two)).decisions).toEqual(['one', 'two']);
});
