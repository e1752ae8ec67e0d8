import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { createFolder } from '../setup/folders.js';
import { createRepository, git, installGuards } from './create-repositories.js';
import { denied, edit, end, passes, type Room, run, start, step, told, warned } from './day-types.js';

/** One worktree for each agent, and two agents in one of them. */
export const worktreesRoom: Room = {
  title: 'worktrees',
  opened: { ann: '{main}', bob: '{feature}', cleo: '{feature}' },

  async create(env) {
    const main = createRepository({ 'src/auth.ts': 'one\n', 'src/free.ts': 'one\n', 'README.md': 'one\n' });
    await installGuards(main, env);
    const folder = realpathSync(createFolder());
    const feature = join(folder, 'feature');
    git(main, 'worktree', 'add', '-q', '-b', 'feature', feature);
    return { main, feature, third: join(folder, 'third') };
  },

  steps: [
    step('ann', start('Refactor the login', 'src/auth.ts'), passes),
    step('bob', start('Build the feature', 'src/feature.ts'), passes),
    step('bob', edit('src/auth.ts'), warned(['ann']), 'its own copy'),
    step('bob', edit('src/auth.ts'), passes, 'told once'),
    step('cleo', edit('src/auth.ts'), denied('bob'), 'the copy of bob'),
    step('bob', edit('{main}/src/auth.ts'), denied('ann'), 'the copy of ann'),
    step('bob', run('echo x >> src/auth.ts; echo x >> README.md'), passes, 'another worktree is another file'),
    step('bob', run('git commit -qam own'), warned(['ann']), 'its own copy'),
    step('bob', run('cd {main} && echo x >> src/auth.ts'), passes, 'seen from another worktree'),
    step('bob', run('git -C {main} commit -qam foreign'), denied('ann')),
    step('ann', run('git worktree add -q -b third {third}'), passes),
    step('ann', edit('{third}/src/free.ts'), passes),
    step('ann', run('git worktree remove --force {third}'), passes),
    step('bob', run('git push -q origin feature'), passes),
    step('ann', run('git commit -qam mine'), warned(['bob'])),
    step('person', run('git merge -q --no-edit -s ours feature'), passes),
    step('person', run('cd {feature} && git merge -q --no-edit main'), passes),
    step('ann', end, passes),
    step('bob', run('git fetch -q && git status --short'), passes),
    step('cleo', run('echo x >> src/auth.ts'), told('bob'), 'bob still claims it'),
  ],
};
