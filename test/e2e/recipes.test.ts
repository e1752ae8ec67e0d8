// The examples of CONTRIBUTING.md, applied to a copy of this repository, do what the text says.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { connectClient } from '../support/processes/client.js';
import { startHookedClient } from '../support/processes/hooked-client.js';
import { spawnCommand } from '../support/processes/processes.js';
import { createTestDatabase } from '../support/setup/database.js';
import { childEnvironment, type EnvironmentChange } from '../support/setup/environment.js';
import { createFolder } from '../support/setup/folders.js';
import { applyRecipe, countChangedLines, readRecipes } from '../support/setup/recipes.js';

/** Bound of a hang, in ms: type-checking and bundling take half a minute on a machine without other work. */
const SETUP_MS = 600_000;
const runFile = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const guide = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
const recipes = readRecipes(guide);
const copy = createFolder('ps-recipes-');
const main = join(copy, 'dist', 'main.js');

const popstash = (args: readonly string[], env: EnvironmentChange = {}, cwd = createFolder()) =>
  runFile(process.execPath, [main, ...args], { cwd, env: childEnvironment(env) });

beforeAll(async () => {
  const names = [
    'src',
    'workers',
    'scripts',
    'docker',
    'prisma',
    'prisma.config.ts',
    'package.json',
    'tsconfig.json',
    'biome.json',
    '.gitignore',
  ];
  for (const name of names) cpSync(join(root, name), join(copy, name), { recursive: true });
  for (const name of ['node_modules', 'models']) symlinkSync(join(root, name), join(copy, name));
  for (const file of recipes) applyRecipe(copy, file);
  await runFile(process.execPath, ['scripts/generate-client.mjs'], { cwd: copy });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await runFile(process.execPath, [tsc, '-p', '.'], { cwd: copy }).catch((error: { stdout: string }) => {
    throw new Error(`the examples do not type-check:\n${error.stdout}`);
  });
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const written = recipes.map(({ path }) => path).filter((path) => path.endsWith('.ts'));
  await runFile(process.execPath, [biome, 'check', '--error-on-warnings', ...written], { cwd: copy }).catch((error) => {
    throw new Error(`the examples do not pass the linter:\n${error.stdout}${error.stderr}`);
  });
  const bundle = `import('./scripts/bundle.mjs').then(({ bundle }) => bundle(${JSON.stringify(join(copy, 'dist'))}))`;
  await runFile(process.execPath, ['--input-type=module', '-e', bundle], { cwd: copy });
  cpSync(join(root, 'dist', 'embedded-template'), join(copy, 'dist', 'embedded-template'), { recursive: true });
}, SETUP_MS);

describe('the table "One place for one change" counts what the examples do', () => {
  const rows = [...guide.matchAll(/^\| (an? [\w ]+) \| (\d+) \| (\d+) \|/gm)];

  test.each(rows.map(([, change = '', files, lines]) => [change, Number(files), Number(lines)] as const))(
    '%s: %i new file, %i lines',
    (change, files, lines) => {
      const own = recipes.filter(({ recipe }) => recipe.toLowerCase() === change);
      expect(own.filter(({ kind }) => kind === 'new')).toHaveLength(files);
      expect(countChangedLines(own)).toBe(lines);
    },
  );

  test('it has a row for each example', () => {
    expect(rows).toHaveLength(new Set(recipes.map(({ recipe }) => recipe)).size);
  });
});

test('the tool is listed and can be called', async () => {
  const client = await connectClient({ main });
  const { tools } = await client.mcp.listTools();
  expect(tools.map(({ name }) => name)).toContain('list_locks');
  expect(await client.call('list_locks')).toEqual({ locks: [] });
  await client.call('acquire', { patterns: ['a.ts'] });
  expect(await client.call('list_locks')).toMatchObject({ locks: [{ file: 'a.ts', expires_in: '15 minutes' }] });
});

test('the command is in --help and runs', async () => {
  expect((await popstash(['--help'])).stdout).toMatch(/where .*Print the mode/);
  expect(JSON.parse((await popstash(['where', '--json'])).stdout)).toMatchObject({ mode: 'embedded' });
});

describe('in server mode', () => {
  let pool: pg.Pool;
  let env: EnvironmentChange;

  beforeAll(async () => {
    const database = await createTestDatabase();
    env = { DATABASE_URL: database.url };
    pool = database.pool;
    await popstash(['migrate'], env);
  });

  test('the migration is applied', async () => {
    const { rows } = await pool.query(
      "SELECT FROM information_schema.columns WHERE table_name = 'agents' AND column_name = 'label'",
    );
    expect(rows).toHaveLength(1);
  });

  test('the dump shows its result', async () => {
    await runFile(process.execPath, ['scripts/dump-schema.mjs'], { cwd: copy });
    expect(readFileSync(join(copy, 'prisma', 'schema.sql'), 'utf8')).toMatch(/^\s+label text/m);
  });

  test('the job runs in its worker', async () => {
    const client = await connectClient({ main, env });
    await client.call('acquire', { patterns: ['a.ts'] });
    await pool.query("UPDATE activities SET created_at = now() - interval '500 days' WHERE type = 'agent_connected'");
    const worker = spawnCommand(['worker', 'trim-activities'], { env, main });
    await worker.untilStderr(/old activities deleted/);
    const { rows } = await pool.query('SELECT DISTINCT type FROM activities');
    expect(rows).toEqual([{ type: 'lock_acquired' }]);
    expect(await worker.stop()).toBe(0);
  });
});

test('the client is found by init, and its hook gets a verdict', async () => {
  const folder = createFolder('ps-pear-');
  mkdirSync(join(folder, '.pear'));
  await popstash(['init', '--yes'], { HOME: folder }, folder);
  expect(existsSync(join(folder, '.pear', 'mcp.json'))).toBe(true);
  const { hooks } = JSON.parse(readFileSync(join(folder, '.pear', 'hooks.json'), 'utf8'));
  const [{ command }] = hooks.beforeTool;

  const holder = await connectClient({ main, cwd: folder, clientName: 'holder' });
  await holder.call('acquire', { patterns: ['held.ts'] });
  const pear = await startHookedClient({ main, cwd: folder, name: 'pear' });
  const ask = (file: string) => {
    const payload = {
      hook_event_name: 'beforeTool',
      tool_name: 'change_file',
      cwd: folder,
      tool_input: { file_path: file },
    };
    return pear.run(`printf '%s' '${JSON.stringify(payload)}' | ${command}`);
  };
  expect(JSON.parse((await ask('held.ts')).stdout)).toMatchObject({
    stop: true,
    reason: expect.stringContaining('held.ts'),
  });
  expect((await ask('free.ts')).stdout).toBe('');
});
