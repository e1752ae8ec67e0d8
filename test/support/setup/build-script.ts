import { basename, join } from 'node:path';
import { build, stop } from 'esbuild';
import { modelRuntime } from '../../../scripts/bundle/model-runtime.mjs';
import { findPackage } from '../../../src/package-root.js';

/**
 * Builds a TypeScript file of test/support (`ledger/ledger-process.ts`) into one that Node runs in a process of its own.
 * @returns its path
 */
export function buildScript(name: string): Promise<string> {
  return buildFile(join(import.meta.dirname, '..', name));
}

/**
 * Builds the model's thread from the source as it is now (0.1 s), since a thread can't run TypeScript.
 * @returns its path
 */
export function buildModelThread(): Promise<string> {
  return buildFile(join(findPackage().root, 'src', 'embedding', 'model-thread.ts'));
}

/** A file of this process's own, so that tests running side by side don't meet. */
async function buildFile(source: string): Promise<string> {
  const { root } = findPackage();
  const outfile = join(root, 'node_modules', '.cache', 'popstash', `${basename(source, '.ts')}-${process.pid}.mjs`);
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // As the product has them.
    plugins: [modelRuntime(root)],
    logLevel: 'error',
  });
  // Its service is a process, and a test file that leaves one fails.
  await stop();
  return outfile;
}
