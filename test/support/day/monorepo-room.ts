import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createRepository, git, installGuards } from './create-repositories.js';
import { denied, edit, end, passes, type Room, run, start, step, told, warned } from './day-types.js';

/** Agents that are opened in packages, beside one at the top; a submodule and a clone below; links. */
export const monorepoRoom: Room = {
  title: 'a monorepo with a submodule',
  opened: { ann: '{main}/packages/a', bob: '{main}/packages/b', cleo: '{main}' },

  async create(env) {
    const library = createRepository({ 'core.ts': 'one\n', 'README.md': 'one\n' });
    const main = createRepository({
      '.gitignore': 'dist/\n',
      'packages/a/src/index.ts': 'one\n',
      'packages/b/src/index.ts': 'one\n',
      'README.md': 'one\n',
    });
    await installGuards(main, env);
    git(main, 'submodule', 'add', '-q', library, 'vendor/lib');
    symlinkSync('packages/a/src/index.ts', join(main, 'link.ts'));
    symlinkSync('packages/a', join(main, 'linked'));
    git(main, 'add', '-A');
    git(main, 'commit', '-qm', 'submodule and links');
    const lib = join(main, 'vendor', 'lib');
    for (const [name, value] of [
      ['user.name', 'T'],
      ['user.email', 't@example.invalid'],
    ] as const)
      git(lib, 'config', name, value);
    await installGuards(lib, env);
    git(main, 'commit', '-qam', 'guards');
    return { main, lib };
  },

  steps: [
    step('ann', start('Change package a', 'src/index.ts'), passes, 'packages/a/src/index.ts'),
    step('bob', start('Change package b', 'src/index.ts'), passes, 'packages/b/src/index.ts'),
    step('cleo', start('Change the library', 'vendor/lib/core.ts'), passes),
    step('bob', edit('../a/src/index.ts'), denied('ann')),
    step('bob', edit('src/index.ts'), passes),
    step('cleo', edit('packages/b/src/index.ts'), denied('bob')),
    step('cleo', edit('link.ts'), denied('ann'), 'by a link'),
    step('cleo', edit('linked/src/index.ts'), denied('ann'), 'by a linked folder'),
    step('cleo', run("sed -i 's/one/two/' linked/src/index.ts"), told('ann'), 'by a linked folder'),
    step('bob', run('mkdir -p dist ../a/dist && echo built | tee dist/x.js > ../a/dist/x.js'), passes, 'a build'),
    step('ann', edit('{lib}/core.ts'), denied('cleo'), 'in the submodule'),
    step('ann', edit('{lib}/README.md'), passes, 'in the submodule'),
    step('ann', run('git -C {lib} commit -qam readme'), passes),
    step('cleo', edit('vendor/lib/core.ts'), passes),
    step('bob', run('git -C {lib} commit -qam core'), denied('cleo')),
    step('cleo', run('git -C vendor/lib commit -qam core && git add vendor/lib && git commit -qm pointer'), passes),
    step('bob', run('git add -A :/ && git commit -qm all'), denied('ann')),
    step('bob', run('git commit -q -m b -- src/index.ts'), passes),
    step(
      'person',
      run('git mv packages/a/src/index.ts packages/a/src/main.ts && git commit -qm move'),
      warned(['ann'], { ann: 'guard_override' }),
    ),
    step('bob', end, passes),
    step('cleo', edit('packages/b/src/index.ts'), passes),
  ],
};
