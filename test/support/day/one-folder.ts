import { addBranch, createRepository, git, installGuards, writeFiles } from './create-repositories.js';
import { denied, edit, end, passes, type Room, run, start, step, stop, told, warned } from './day-types.js';

const FILES = {
  '.gitignore': 'dist/\nsrc/lib/generated/\n',
  'src/auth.ts': 'one\n',
  'src/core.ts': 'one\n',
  'src/lib/a.ts': 'one\n',
  'src/free.ts': 'one\n',
  'docs/guide.md': 'one\n',
  'notes.md': 'one\n',
};

/** A commit without `git commit`. */
const PLUMBING =
  'echo x > src/core.ts && git update-index src/core.ts && ' +
  'git update-ref refs/heads/main "$(git commit-tree -p HEAD -m plumbing "$(git write-tree)")"';

/** Two agents and a person in one folder, with all that git can do to a file. */
export const oneFolder: Room = {
  title: 'one folder',
  opened: { ann: '{main}', bob: '{main}' },

  async create(env) {
    const main = createRepository(FILES);
    await installGuards(main, env);
    addBranch(main, 'held', { 'src/core.ts': 'of another branch\n' });
    addBranch(main, 'free', { 'src/picked.ts': 'new\n' });
    addBranch(main, 'upstream', { 'upstream.md': 'new\n' });
    addBranch(main, 'both', { 'src/lib/a.ts': 'one\ntheirs at the end\n' });
    git(main, 'format-patch', '-q', '-1', '-o', '.git/patches', 'held');
    writeFiles(main, { 'src/lib/generated/old.js': 'old\n' });
    return { main };
  },

  steps: [
    step('ann', start('Refactor the login', 'src/auth.ts', 'src/core.ts', 'src/lib/**'), passes),
    step('bob', start('Write the guide', 'docs/**'), passes),
    step('bob', edit('src/auth.ts'), denied('ann')),
    step('bob', edit('src/lib/new.ts'), denied('ann'), 'by a glob, a file that is not there'),
    step('bob', edit('docs/guide.md'), passes),
    step('bob', edit('src/free.ts'), passes, 'claims it'),
    step('ann', edit('src/free.ts'), denied('bob')),
    step('ann', edit('src/auth.ts'), passes),
    step('bob', run('cat src/auth.ts; true'), passes, 'reads, and changes nothing'),
    step('bob', run('echo x >> src/auth.ts'), told('ann')),
    step('bob', run('touch src/auth.ts'), passes, 'the content is the same'),
    step(
      'bob',
      run('mkdir -p dist src/lib/generated; echo built | tee dist/app.js > src/lib/generated/out.js'),
      passes,
      'a build into ignored folders',
    ),
    step('bob', run('git add -A && git commit -qm all'), denied('ann')),
    step('ann', run('git add src/auth.ts && git commit -qm login'), passes),
    step('bob', run('git add docs src/free.ts && git commit -qm guide'), passes),
    step('bob', run('git commit -q --amend -m "the guide"'), passes, 'its own commit'),
    step('bob', run('git push -q origin main'), passes, "the holder's own commit besides"),
    step('bob', run('git cherry-pick held'), denied('ann')),
    step('bob', run('git cherry-pick free'), passes),
    step('bob', run('git revert --no-edit HEAD~2'), denied('ann'), 'the commit of src/auth.ts'),
    step('bob', run('git revert --no-edit HEAD'), passes),
    step('bob', run('git am -q .git/patches/*.patch'), denied('ann')),
    step('bob', run('git merge -q --no-edit upstream'), passes),
    step('ann', edit('src/lib/a.ts'), passes),
    step('ann', run('printf "mine\\none\\n" > src/lib/a.ts && git commit -qam mine'), passes),
    step('bob', run('git merge -q --no-edit both'), denied('ann'), 'a file that both sides changed'),
    step('bob', run('git switch -q -c work && git switch -q main'), passes),
    step('bob', run('git checkout -q held -- src/core.ts'), told('ann')),
    step('ann', run('git checkout -q HEAD -- src/core.ts'), passes, 'the holder itself'),
    step(
      'bob',
      run('git switch -q work && echo x > work.md && git add work.md && git commit -qm w && git rebase -q main'),
      passes,
    ),
    step('bob', run('git switch -q main'), passes),
    step('bob', run(PLUMBING), denied('ann'), 'plumbing'),
    step('ann', edit('src/auth.ts'), passes),
    step('person', run('git commit -qam "of a person"'), warned(['ann'], { ann: 'guard_override' })),
    step('person', run('echo x >> notes.md && git commit -qam notes'), passes),
    step('ann', end, passes),
    step('bob', edit('src/auth.ts'), passes, 'free since'),
    step('bob', run('git commit -qam auth'), passes),
    step('bob', stop, passes),
  ],
};
