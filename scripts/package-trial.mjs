// @ts-check
// npm run trials -- package [PAIR…]: packs the release, publishes it to a registry on loopback, and installs it from there with
// each pair of npm and Node that npm supports (or the named ones: npm10-node20), as on an empty machine: no environment, an
// empty home, install scripts allowed, no route but that registry. Then a raw MCP client starts `npx popstash mcp`. What is
// installed is also run by Nodes that are too old for it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isolate } from './package-trial/isolate.mjs';
import { PAIRS, prepareTools } from './package-trial/prepare-tools.mjs';
import { run } from './run-vitest.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = process.argv.slice(2);
const pairs = PAIRS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (pairs.length === 0) {
  console.error(`no such pair: ${wanted.join(', ')}; there are ${PAIRS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const work = mkdtempSync(join(tmpdir(), 'popstash-package-'));
try {
  const tools = prepareTools(pairs);
  const packed = await run(process.execPath, [join(root, 'scripts', 'pack-release.mjs'), join(work, 'release')]);
  if (packed !== 0) throw new Error('the release could not be packed');
  const inside = fileURLToPath(new URL('package-trial/run-pairs.mjs', import.meta.url));
  const { command, args, isolation } = isolate(tools.registryNode, [inside, work, JSON.stringify(tools)]);
  console.log(isolation);
  process.exitCode = spawnSync(command, args, { stdio: 'inherit' }).status ?? 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
