import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { installClient } from '../clients/install-client.js';
import { ROOT } from '../setup/repository-files.js';
import { createRepository, installGuards, writeFiles } from './create-repositories.js';
import { denied, edit, end, passes, type Room, run, start, step, warned } from './day-types.js';

/** A program that manages git's hooks, as people install it. */
export interface HookManager {
  name: string;
  /** @returns the path of its command, or why it is missing */
  install(): Promise<{ command: string } | { missing: string }>;
  /** What the user's own hook is written in; it appends a line to .git/ran. */
  files: Readonly<Record<string, string>>;
  /** Writes git's hooks: what `npm install` or a person runs, again and again. */
  setUp: string;
}

const PRE_COMMIT = '4.7.0';
const INSTALL_TIMEOUT_MS = 3 * 60_000;
const OWN = 'echo ran >> .git/ran';

export const hookManagers: readonly HookManager[] = [
  {
    name: 'husky',
    install: () => installClient({ name: 'husky', version: '9.1.7', command: 'husky' }),
    files: { '.husky/pre-commit': `${OWN}\n` },
    setUp: 'husky',
  },
  {
    name: 'lefthook',
    install: () => installClient({ name: 'lefthook', version: '2.2.2', command: 'lefthook' }),
    files: { 'lefthook.yml': `pre-commit:\n  jobs:\n    - name: own\n      run: ${OWN}\n` },
    setUp: 'lefthook install --force',
  },
  {
    name: 'pre-commit',
    install: installPreCommit,
    files: {
      '.pre-commit-config.yaml': `repos:\n- repo: local\n  hooks:\n  - {id: own, name: own, language: system, entry: sh -c '${OWN}', always_run: true, pass_filenames: false}\n`,
    },
    setUp: 'pre-commit install --overwrite',
  },
];

/** It is a Python program: into a virtual environment in the cache, once. */
async function installPreCommit(): Promise<{ command: string } | { missing: string }> {
  const folder = join(ROOT, 'node_modules', '.cache', 'clients', `pre-commit@${PRE_COMMIT}`);
  const command = join(folder, 'bin', 'pre-commit');
  if (existsSync(command)) return { command };
  mkdirSync(dirname(folder), { recursive: true });
  try {
    const options = { stdio: 'pipe', timeout: INSTALL_TIMEOUT_MS } as const;
    execFileSync('python3', ['-m', 'venv', folder], options);
    execFileSync(join(folder, 'bin', 'pip'), ['install', '-q', `pre-commit==${PRE_COMMIT}`], options);
    return { command };
  } catch (error) {
    return { missing: `pre-commit can't be installed here: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** The program's folder comes first in PATH, as the manager's hooks need it. */
export function pathOf(command: string): string {
  return `${dirname(command)}${delimiter}${process.env.PATH ?? ''}`;
}

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
