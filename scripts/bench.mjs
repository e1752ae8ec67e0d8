// @ts-check
// npm run bench [-- p1 p10 …]: the figures of docs/trials-and-figures.md. Starts a private PostgreSQL (durable, as in
// production) and Redis, runs bench/p*.{mjs,ts} one after another, each on a database of its own, prints
// `name value target` lines, and writes them into the table of docs/benchmarks.md. Figures of scripts that were not run
// stay as they were.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import pg from 'pg';
import { root, run } from './run-vitest.mjs';
import { startSupervised } from './services/start-supervised.mjs';

const PAGE = join(root, 'docs', 'benchmarks.md');
const BEGIN = '<!-- figures: written by npm run bench -->';
const END = '<!-- /figures -->';
const TEMPLATE = 'popstash_template';

const wanted = process.argv.slice(2).map((name) => name.toLowerCase());
const scripts = readdirSync(join(root, 'bench'))
  .filter((name) => /^p\d+.*\.(mjs|ts)$/.test(name))
  .filter((name) => wanted.length === 0 || wanted.some((want) => want === name || new RegExp(`^${want}\\b`).test(name)))
  .sort((a, b) => Number(/\d+/.exec(a)) - Number(/\d+/.exec(b)) || a.localeCompare(b));
if (scripts.length === 0) {
  console.error(`no bench/p*.{mjs,ts} matches ${wanted.join(' ')}`);
  process.exit(1);
}

const built = await run(process.execPath, ['scripts/build.mjs']);
if (built !== 0) process.exit(built);
const services = await startSupervised({ durable: true });
// What is measured must not read, or write beside, what is the developer's own.
const home = mkdtempSync(join(tmpdir(), 'popstash-bench-'));
const failures = [];
try {
  await createDatabase(TEMPLATE);
  const env = { ...process.env, DATABASE_URL: urlOf(TEMPLATE) };
  execFileSync(process.execPath, ['dist/main.js', 'migrate'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const script of scripts) {
    console.log(`\n# ${script}`);
    const { code, rows } = await runScript(script);
    if (code !== 0) failures.push(`${script} ended with ${code}`);
    // Written after each: a run that is broken off keeps what it has.
    writeRows(rows);
  }
} finally {
  await services.stop();
  rmSync(home, { recursive: true, force: true });
}
for (const failure of failures) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;

/** @typedef {{ name: string, value: string, target: string, script: string, date: string }} Row */

/** @param {string} script */
async function runScript(script) {
  const database = `bench_${script.replace(/\W/g, '_')}`;
  await createDatabase(`${database} TEMPLATE ${TEMPLATE}`);
  const child = spawn(process.execPath, ['--expose-gc', await runnable(script)], {
    cwd: root,
    env: {
      ...process.env,
      HOME: home,
      POPSTASH_DATA_DIR: join(home, 'data'),
      DATABASE_URL: urlOf(database),
      REDIS_URL: services.redisUrl,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  /** @type {Row[]} */
  const rows = [];
  const date = new Date().toISOString().slice(0, 10);
  createInterface({ input: child.stdout }).on('line', (line) => {
    console.log(line);
    const [name, value, target] = line.split(/\s{2,}|\t/);
    if (name && value && target && /^P\d/.test(name)) rows.push({ name, value, target, script, date });
  });
  const [code, signal] = await once(child, 'close');
  return { code: code ?? signal, rows };
}

/**
 * A script that Node 20 runs: TypeScript is bundled first, its packages left where they are.
 * @param {string} script
 */
async function runnable(script) {
  const source = join(root, 'bench', script);
  if (!script.endsWith('.ts')) return source;
  // Below node_modules, so that its imports of packages resolve.
  const outfile = join(root, 'node_modules', '.cache', 'popstash-bench', `${basename(script, '.ts')}.mjs`);
  mkdirSync(join(outfile, '..'), { recursive: true });
  rmSync(outfile, { force: true });
  const options = /** @type {const} */ ({ bundle: true, format: 'esm', platform: 'node', packages: 'external' });
  await build({ entryPoints: [source], outfile, target: 'node20', logLevel: 'warning', ...options });
  return outfile;
}

/** @param {string} definition a name, perhaps with its template */
async function createDatabase(definition) {
  const client = new pg.Client({ connectionString: services.databaseUrl });
  await client.connect();
  await client.query(`CREATE DATABASE ${definition}`);
  await client.end();
}

/** @param {string} database */
function urlOf(database) {
  const url = new URL(services.databaseUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** @param {Row[]} fresh */
function writeRows(fresh) {
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '# Benchmarks\n';
  const [before = '', rest] = page.split(BEGIN);
  const [section = '', after = ''] = (rest ?? '').split(END);
  const rerun = new Set(fresh.map((row) => row.script));
  const rows = [...readRows(section).filter((row) => !rerun.has(row.script)), ...fresh];
  rows.sort((a, b) => Number(/\d+/.exec(a.script)) - Number(/\d+/.exec(b.script)));
  const table = [
    `Machine: ${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores, ` +
      `${Math.round(totalmem() / 2 ** 30)} GiB; ${process.platform}, Node ${process.versions.node}. ` +
      'Command: `npm run bench` (one figure: `npm run bench -- p1`).',
    '',
    '| figure | value | target | script | date |',
    '|---|---:|---|---|---|',
    ...rows.map(({ name, value, target, script, date }) => `| ${name} | ${value} | ${target} | ${script} | ${date} |`),
  ].join('\n');
  const head = rest === undefined ? `${page.trimEnd()}\n\n## Figures\n\n` : before;
  mkdirSync(join(root, 'docs'), { recursive: true });
  writeFileSync(PAGE, `${head}${BEGIN}\n\n${table}\n\n${END}${after || '\n'}`);
}

/**
 * @param {string} section
 * @returns {Row[]}
 */
function readRows(section) {
  return section
    .split('\n')
    .filter((line) => /^\| P\d/.test(line))
    .map((line) => {
      const [name = '', value = '', target = '', script = '', date = ''] = line
        .split('|')
        .slice(1)
        .map((cell) => cell.trim());
      return { name, value, target, script, date };
    });
}
