// @ts-check
// npm run test:node22 [-- vitest's arguments]: the tests under Node 22, from the npm package that carries its binary, in
// a temporary folder. By default the unit tests and the end-to-end smoke test.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { run } from './run-vitest.mjs';

const NODE_PACKAGE = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}@22.23.3`;

const scratch = mkdtempSync(join(tmpdir(), 'popstash-node22-'));
try {
  writeFileSync(join(scratch, 'package.json'), '{ "private": true }\n');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', NODE_PACKAGE], {
    cwd: scratch,
    stdio: 'inherit',
  });
  const node = join(scratch, 'node_modules', NODE_PACKAGE.replace(/@.*/, ''), 'bin', 'node');
  console.log(`node ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}`);
  const args = process.argv.slice(2);
  const selection = args.length > 0 ? args : ['test/unit', 'test/e2e/memory'];
  // First on the PATH, so that whatever is spawned by name is this Node too.
  const env = { PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` };
  process.exitCode = await run(node, ['scripts/test.mjs', ...selection], env);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
