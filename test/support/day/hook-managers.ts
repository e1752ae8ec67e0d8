import { execFileSync } from 'node:child_process';
import type { ManagerName } from '../clients/hook-managers.js';
import { createRepository, installGuards, writeFiles } from './create-repositories.js';
import { denied, edit, end, passes, type Room, run, start, step, warned } from './day-types.js';

/** A program that manages git's hooks, as people install it. */
export interface HookManager {
  name: ManagerName;
  /** What the user's own hook is written in; it appends a line to .git/ran. */
  files: Readonly<Record<string, string>>;
  /** Writes git's hooks: what `npm install` or a person runs, again and again. */
  setUp: string;
}

const OWN = 'echo ran >> .git/ran';

export const hookManagers: readonly HookManager[] = [
  {
    name: 'husky',
    files: { '.husky/pre-commit': `${OWN}\n` },
    setUp: 'husky',
  },
  {
    name: 'lefthook',
    files: { 'lefthook.yml': `pre-commit:\n  jobs:\n    - name: own\n      run: ${OWN}\n` },
    setUp: 'lefthook install --force',
  },
  {
    name: 'pre-commit',
    files: {
      '.pre-commit-config.yaml': `repos:\n- repo: local\n  hooks:\n  - {id: own, name: own, language: system, entry: sh -c '${OWN}', always_run: true, pass_filenames: false}\n`,
    },
    setUp: 'pre-commit install --overwrite',
  },
];

/** A repository whose hooks a manager writes: before init, and again while agents work. */
export function createManagerRoom({ name, files, setUp }: HookManager, path: string): Room {
  const commitFree =
    'echo x >> src/free.ts && git commit -qm free -- src/free.ts && grep -q ran .git/ran && rm .git/ran';
  return {
    title: `hooks of ${name}`,
    opened: { ann: '{main}', bob: '{main}' },

    async create(env) {
      const main = createRepository({ 'src/auth.ts': 'one\n', 'src/free.ts': 'one\n', 'src/late.ts': 'one\n' });
      writeFiles(main, files);
      execFileSync('/bin/sh', ['-c', setUp], { cwd: main, env: { ...process.env, PATH: path }, stdio: 'pipe' });
      await installGuards(main, { ...env, PATH: path });
      return { main };
    },

    steps: [
      step('ann', start('Refactor the login', 'src/auth.ts', 'src/late.ts'), passes),
      step('ann', edit('src/auth.ts'), passes),
      step('bob', run('git commit -qm held -- src/auth.ts'), denied('ann')),
      step('bob', run(commitFree), passes, "the user's own hook runs"),
      step('bob', run(`${setUp} > /dev/null 2>&1`), passes, 'as npm install does'),
      step('bob', run('git commit -qm held -- src/auth.ts'), denied('ann'), 'after that'),
      step('bob', run(commitFree), passes, "the user's own hook runs, after that"),
      step('person', run('git commit -qm person -- src/auth.ts'), warned(['ann'], { ann: 'guard_override' })),
      step('ann', edit('src/late.ts'), passes),
      step('ann', run('git commit -qm own -- src/late.ts'), passes),
      step('ann', end, passes),
    ],
  };
}
