// The release as users get it: packed, installed from its tarballs without a network, and used.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { connectClient } from '../support/processes/client.js';
import { childEnvironment } from '../support/setup/environment.js';
import { createFolder } from '../support/setup/folders.js';

/** Bound of a hang, in ms: packing and installing take half a minute on a machine without other work. */
const SETUP_MS = 600_000;
const runFile = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const out = createFolder('ps-release-');
const installed = createFolder('ps-installed-');
const product = join(installed, 'node_modules', 'popstash');
const main = join(product, 'dist', 'main.js');

beforeAll(async () => {
  await runFile(process.execPath, ['scripts/pack-release.mjs', out], { cwd: root });
  writeFileSync(join(installed, 'package.json'), '{ "private": true }\n');
  const tarballs = readdirSync(out).map((name) => join(out, name));
  // A cache of its own: nothing that this machine has fetched before can fill a gap.
  const options = ['--ignore-scripts', '--offline', '--no-audit', '--no-fund', '--cache', join(installed, '.cache')];
  await runFile('npm', ['install', ...options, ...tarballs], { cwd: installed, env: childEnvironment() });
}, SETUP_MS);

test('the published manifest names what the bundle loads from node_modules and nothing else', () => {
  const manifest = JSON.parse(readFileSync(join(product, 'package.json'), 'utf8'));
  expect(Object.keys(manifest.dependencies)).toEqual([
    '@electric-sql/pglite',
    '@electric-sql/pglite-pgvector',
    '@xenova/transformers',
    'fs-native-extensions',
  ]);
  expect(manifest).not.toHaveProperty('devDependencies');
  expect(manifest).not.toHaveProperty('scripts');
  expect(manifest.repository.url).toContain('github.com');
});

test('the package has what it needs at run time and no sources', () => {
  const names = readdirSync(product, { recursive: true }).map(String);
  const count = (pattern: RegExp) => names.filter((name) => pattern.test(name)).length;
  expect(count(/^(src|test|workers|scripts)\b/)).toBe(0);
  expect(count(/\.mjs\.map$/)).toBe(0);
  expect(count(/^prisma\/migrations\/.*\/migration\.sql$/)).toBeGreaterThan(0);
  expect(count(/^prisma\/baseline\/.*\.sql$/)).toBeGreaterThan(0);
  expect(count(/^dist\/embedded-template\/database\/PG_VERSION$/)).toBe(1);
  expect(count(/^dist\/bull-board\/dist\/index\.ejs$/)).toBe(1);
});

test('the installed command tells its version', async () => {
  const command = join(installed, 'node_modules', '.bin', 'popstash');
  const { stdout } = await runFile(command, ['version', '--json'], { env: childEnvironment() });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(JSON.parse(stdout)).toMatchObject({ version });
});

test('an agent initializes, lists the tools, and finds an insight by meaning', async () => {
  const client = await connectClient({ main });
  expect(client.mcp.getServerVersion()?.name).toBe('popstash');
  const { tools } = await client.mcp.listTools();
  expect(tools.map(({ name }) => name)).toContain('start_task');

  await client.call('insight', { content: 'The cat sleeps on the sofa in the afternoon.' });
  await expect
    .poll(
      async () => {
        const { results } = await client.call<{ results: { embedding?: string; content: string }[] }>('recall', {
          query: 'a kitten takes a nap on the couch',
        });
        return results.map(({ content }) => content);
      },
      { timeout: 60_000, interval: 200 },
    )
    .toEqual(['The cat sleeps on the sofa in the afternoon.']);
});
