import { basename, join } from 'node:path';
import { build, stop } from 'esbuild';
import { findPackage } from '../../../src/package-root.js';

/** Builds a TypeScript file of test/support (`ledger/ledger-process.ts`) into one that Node runs in a process of its own. @returns its path */
export async function buildScript(name: string): Promise<string> {
  const { root } = findPackage();
  const outfile = join(root, 'node_modules', '.cache', 'popstash', `${basename(name, '.ts')}-${process.pid}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, '..', name)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  // Its service is a process, and a test file that leaves one fails.
  await stop();
  return outfile;
}
