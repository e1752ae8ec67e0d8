import { join } from 'node:path';
import { build, stop } from 'esbuild';
import { findPackage } from '../../../src/package-root.js';

/**
 * Builds the model's thread from the source as it is now (0.1 s), since a thread can't run TypeScript; a file of this
 * process's own, so that tests running side by side don't meet.
 */
export async function buildModelThread(): Promise<string> {
  const { root } = findPackage();
  const outfile = join(root, 'node_modules', '.cache', 'popstash', `model-thread-${process.pid}.mjs`);
  await build({
    entryPoints: [join(root, 'src', 'embedding', 'model-thread.ts')],
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
