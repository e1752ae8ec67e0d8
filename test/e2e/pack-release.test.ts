// The release as users get it: packed, installed from its tarballs without a network, and used. `npm run trials -- package`
// is the full form, from a registry and with every pair of npm and Node.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkBinary } from '../../scripts/release/check-binary.mjs';
import { PLATFORMS } from '../../scripts/release/platforms.mjs';
import { stageRuntime } from '../../scripts/release/stage-runtime.mjs';
import { hasNativeBuild } from '../../src/embedding/runtime/runtime-types.js';
import { connectClient } from '../support/processes/client.js';
import { childEnvironment } from '../support/setup/environment.js';
import { createFolder } from '../support/setup/folders.js';

/** Bound of a hang, in ms: packing and installing take some seconds on a machine without other work. */
const SETUP_MS = 600_000;
/** What a user's disk may have of it, in bytes. */
const MAX_INSTALLED_BYTES = 110e6;
const runFile = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const out = createFolder('ps-release-');
const installed = createFolder('ps-installed-');
const product = join(installed, 'node_modules', 'popstash');
const main = join(product, 'dist', 'main.js');
const development = readJson(join(root, 'package.json'));

function readJson(path: string) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

beforeAll(async () => {
  await runFile(process.execPath, ['scripts/pack-release.mjs', out, '--this-system'], { cwd: root });
  writeFileSync(join(installed, 'package.json'), '{ "private": true }\n');
  const tarballs = [out, join(out, 'runtimes')].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.tgz'))
      .map((name) => join(folder, name)),
  );
  // A cache of its own: nothing that this machine has fetched before can fill a gap. Scripts are allowed.
  const options = ['--no-ignore-scripts', '--offline', '--no-audit', '--no-fund', '--cache', join(installed, '.cache')];
  await runFile('npm', ['install', ...options, ...tarballs], { cwd: installed, env: childEnvironment() });
}, SETUP_MS);

describe('what is installed', () => {
  test('is two packages without a script, in at most 110 MB', () => {
    const files = readdirSync(join(installed, 'node_modules'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const manifests = files.filter((file) => /node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(file)).map(readJson);
    expect(manifests.map(({ name }) => name).sort()).toEqual([
      `@popstash/runtime-${process.platform}-${process.arch}`,
      'popstash',
    ]);
    for (const manifest of manifests) expect(manifest).not.toHaveProperty('scripts');
    expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(MAX_INSTALLED_BYTES);
  });

  test('names no dependency but the native runtimes, of exactly its own version', () => {
    const manifest = readJson(join(product, 'package.json'));
    expect(manifest).not.toHaveProperty('dependencies');
    expect(manifest).not.toHaveProperty('devDependencies');
    expect(manifest.optionalDependencies).toEqual(
      Object.fromEntries(PLATFORMS.map(({ name }) => [`@popstash/runtime-${name}`, development.version])),
    );
    expect(manifest.repository.url).toContain('github.com');
    expect(readJson(join(out, 'server.json'))).toMatchObject({ name: manifest.mcpName, version: manifest.version });
  });

  test('has what it needs at run time, no sources and no source maps', () => {
    const names = readdirSync(product, { recursive: true }).map(String);
    const count = (pattern: RegExp) => names.filter((name) => pattern.test(name)).length;
    expect(count(/^(src|test|workers|scripts)\b/)).toBe(0);
    expect(count(/\.map$/)).toBe(0);
    expect(count(/^prisma\/migrations\/.*\/migration\.sql$/)).toBeGreaterThan(0);
    expect(count(/^prisma\/baseline\/.*\.sql$/)).toBeGreaterThan(0);
    expect(count(/^dist\/embedded-template\/database\.tar\.gz$/)).toBe(1);
    expect(count(/^dist\/pglite\/pglite\.wasm$/)).toBe(1);
    expect(count(/^dist\/native\/fs-native-extensions-\w+-\w+\.node$/)).toBe(6);
    expect(count(/^dist\/bull-board\/dist\/index\.ejs$/)).toBe(1);
  });

  test('keeps the licences of what it contains, and lists it in a bill of materials', () => {
    const licenses = readFileSync(join(product, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    const { components } = readJson(join(out, 'sbom.cdx.json')) as { components: { purl: string }[] };
    const purls = components.map(({ purl }) => purl);
    for (const name of ['@huggingface/transformers', '@electric-sql/pglite', 'bullmq', 'tar']) {
      expect(licenses).toContain(`${name} `);
      expect(purls.some((purl) => purl.startsWith(`pkg:npm/${name.replace('@', '%40')}@`))).toBe(true);
    }
    expect(purls.some((purl) => purl.includes('/sharp@'))).toBe(false);
    const runtime = join(installed, 'node_modules', '@popstash', `runtime-${process.platform}-${process.arch}`);
    expect(readFileSync(join(runtime, 'LICENSE'), 'utf8')).toContain('Copyright (c) Microsoft Corporation');
  });
});

describe.each(PLATFORMS)('the runtime for $name', (platform) => {
  test('has the binaries of that system, and says where it fits', () => {
    const folder = join(createFolder('ps-runtime-'), platform.name);
    stageRuntime(root, platform, development, folder);
    for (const file of platform.files) checkBinary(join(folder, file), platform);
    const manifest = readJson(join(folder, 'package.json'));
    expect(manifest).toMatchObject({ os: [platform.os], cpu: [platform.cpu], files: platform.files, license: 'MIT' });
    expect(manifest.libc).toEqual(platform.os === 'linux' ? ['glibc'] : undefined);
    expect(manifest).not.toHaveProperty('scripts');
    expect(hasNativeBuild(platform.os, platform.cpu, false)).toBe(true);
  });
});

test('a binary of another system is refused', () => {
  const [linux] = PLATFORMS;
  expect(() => stageRuntime(root, { ...linux!, os: 'darwin', cpu: 'arm64' }, development, join(out, 'x'))).toThrow();
  const binding = join(root, 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6', 'linux', 'x64', linux!.files[0]!);
  expect(() => checkBinary(binding, { os: 'linux', cpu: 'arm64' })).toThrow('not a binary for linux-arm64');
});

test('the installed command tells its version', async () => {
  const command = join(installed, 'node_modules', '.bin', 'popstash');
  const { stdout } = await runFile(command, ['version', '--json'], { env: childEnvironment() });
  expect(JSON.parse(stdout)).toMatchObject({ version: development.version });
});

test('an agent initializes, lists the tools, and finds an insight by meaning with the native runtime', async () => {
  await findByMeaning();
  const { detail, state } = await checkModel();
  expect(detail).toContain(`native build for ${process.platform}-${process.arch}`);
  expect(state).toBe('ok');
});

test('without the native runtime WebAssembly finds it, and doctor says so', async () => {
  // As after `npm install --omit=optional`.
  const bare = createFolder('ps-bare-');
  mkdirSync(join(bare, 'node_modules'));
  cpSync(product, join(bare, 'node_modules', 'popstash'), { recursive: true });
  const bareMain = join(bare, 'node_modules', 'popstash', 'dist', 'main.js');
  expect(existsSync(join(bare, 'node_modules', '@popstash'))).toBe(false);
  await findByMeaning(bareMain);
  const { detail, state, fix } = await checkModel(bareMain);
  expect(detail).toContain('as WebAssembly');
  expect(detail).toContain(`@popstash/runtime-${process.platform}-${process.arch} is not installed`);
  expect(state).toBe('warning');
  expect(fix).toContain('--omit=optional');
});

async function findByMeaning(program = main): Promise<void> {
  const client = await connectClient({ main: program });
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
}

async function checkModel(program = main): Promise<{ state: string; detail: string; fix?: string }> {
  // The hooks' checks have tests of their own.
  const env = childEnvironment({ POPSTASH_DATA_DIR: createFolder('ps-doctor-'), POPSTASH_GUARD: 'off' });
  const run = await runFile(process.execPath, [program, 'doctor', '--json'], { env, cwd: installed }).catch((e) => e);
  await runFile(process.execPath, [program, 'down'], { env });
  return JSON.parse(run.stdout).checks.find(({ name }: { name: string }) => name === 'model');
}
