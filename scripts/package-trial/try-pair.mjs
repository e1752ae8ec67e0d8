// @ts-check
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openClient } from './raw-client.mjs';

const runFile = promisify(execFile);
/** What the issue of a package that installs anywhere asks for. */
const MOST = { megabytes: 110, packages: 40, installS: 15, coldS: 20, warmS: 2 };
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare'];
/** A vector is computed within this, in ms, else recall does not find by meaning. */
const MEANING_MS = 60_000;

/**
 * @param {import('./prepare-tools.mjs').Tools['pairs'][number]} pair
 * @param {string} registry its URL
 * @param {string} folder of this trial
 * @returns {Promise<Record<string, unknown>>} a row of the table
 * @throws Error when a step fails or a figure is beyond its bound
 */
export async function tryPair({ npm, node, bin }, registry, folder) {
  const env = emptyMachine(bin, registry, join(folder, 'home'));
  const project = makeFolder(join(folder, 'project'));

  const installS = await seconds(() => runFile('npm', ['install', 'popstash'], { cwd: project, env }));
  const installed = measure(join(project, 'node_modules'));

  // Of its own home, so that npx finds nothing that was installed before.
  const npxEnv = emptyMachine(bin, registry, join(folder, 'npx-home'));
  const elsewhere = makeFolder(join(folder, 'elsewhere'));
  const open = () => openClient('npx', ['--yes', 'popstash', 'mcp'], { cwd: elsewhere, env: npxEnv });
  const startTask = { task: 'Try the package', files: ['a.txt'] };
  const first = () =>
    timed(async () => {
      const client = await open();
      await client.call('start_task', startTask);
      return client;
    });
  let coldS = 0;
  let warmS = 0;
  let model = { detail: '' };
  try {
    const [cold, coldTime] = await first();
    coldS = coldTime;
    await findByMeaning(cold).finally(cold.close);
    const [warm, warmTime] = await first();
    warmS = warmTime;
    await warm.close();
    model = await askDoctor(elsewhere, npxEnv);
  } finally {
    await runFile('npx', ['popstash', 'down'], { cwd: elsewhere, env: npxEnv });
  }

  const row = {
    npm,
    node,
    packages: installed.packages,
    'MB installed': round(installed.bytes / 1e6),
    'install s': round(installS),
    'npx to start_task, cold, s': round(coldS),
    'warm, s': round(warmS),
    'load average': round(loadavg()[0] ?? 0),
    runtime: /native build for [\w-]+|WebAssembly/.exec(model.detail)?.[0] ?? model.detail,
  };
  const beyond = [
    [installed.packages, MOST.packages, 'packages'],
    [installed.bytes / 1e6, MOST.megabytes, 'MB'],
    [installS, MOST.installS, 's to install'],
    [coldS, MOST.coldS, 's to a first start_task'],
    [warmS, MOST.warmS, 's to a second one'],
  ].filter(([value, most]) => Number(value) > Number(most));
  const faults = [
    ...installed.scripts,
    ...beyond.map(([value, most, unit]) => `${round(Number(value))} ${unit}, above ${most}`),
  ];
  return faults.length === 0 ? row : { ...row, beyond: faults.join('; ') };
}

/**
 * `env -i` and an empty home. Install scripts are allowed, and what is not the registry goes to a proxy that is dead.
 * @param {string} bin
 * @param {string} registry
 * @param {string} home
 */
function emptyMachine(bin, registry, home) {
  const dead = 'http://127.0.0.1:9';
  return {
    PATH: `${bin}:/usr/bin:/bin`,
    HOME: makeFolder(home),
    npm_config_registry: registry,
    npm_config_ignore_scripts: 'false',
    HTTP_PROXY: dead,
    HTTPS_PROXY: dead,
    NO_PROXY: '127.0.0.1',
  };
}

/**
 * @param {string} cwd
 * @param {Record<string, string>} env
 * @returns {Promise<{ detail: string }>} what it says of the model
 */
async function askDoctor(cwd, env) {
  // It fails where a client is not set up, which none is here.
  const { stdout } = await runFile('npx', ['popstash', 'doctor', '--json'], { cwd, env }).catch((error) => error);
  return JSON.parse(stdout).checks.find((/** @type {{ name: string }} */ { name }) => name === 'model');
}

/** @param {Awaited<ReturnType<typeof openClient>>} client */
async function findByMeaning(client) {
  const content = 'The cat sleeps on the sofa in the afternoon.';
  await client.call('insight', { content });
  for (const deadline = Date.now() + MEANING_MS; ; ) {
    const { results } = await client.call('recall', { query: 'a kitten takes a nap on the couch' });
    if (results.some((/** @type {{ content: string }} */ hit) => hit.content === content)) return;
    if (Date.now() > deadline) throw new Error('recall does not find by meaning');
    await pause(100);
  }
}

/**
 * @param {string} modules a node_modules folder
 * @returns {{ bytes: number, packages: number, scripts: string[] }} scripts: install scripts that were found
 */
function measure(modules) {
  let bytes = 0;
  let packages = 0;
  const scripts = [];
  for (const entry of readdirSync(modules, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    bytes += statSync(path).size;
    if (!/node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path)) continue;
    packages += 1;
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    for (const name of INSTALL_SCRIPTS)
      if (manifest.scripts?.[name]) scripts.push(`${manifest.name} has a script ${name}`);
  }
  return { bytes, packages, scripts };
}

/** @param {string} path */
function makeFolder(path) {
  mkdirSync(path, { recursive: true });
  if (path.endsWith('project')) writeFileSync(join(path, 'package.json'), '{ "private": true }\n');
  return path;
}

/** @param {() => Promise<unknown>} act */
async function seconds(act) {
  return (await timed(act))[1];
}

/**
 * @template T
 * @param {() => Promise<T>} act
 * @returns {Promise<[T, number]>}
 */
async function timed(act) {
  const start = performance.now();
  const value = await act();
  return [value, (performance.now() - start) / 1000];
}

/** @param {number} value */
function round(value) {
  return Number(value.toPrecision(3));
}
