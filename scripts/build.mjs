// @ts-check
// Builds the product into dist/: the bundle, then the prebuilt embedded database.
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, root } from './bundle.mjs';

/** A process that runs imports its chunks when it first needs them: those of earlier builds stay for a while, in ms. */
const KEEP_OLD_CHUNKS_MS = 60 * 60 * 1000;

const outdir = join(root, 'dist');
const fresh = join(root, 'node_modules', `.popstash-build-${process.pid}`);
await bundle(fresh);

// Chunks first, entries last, each by a rename: a process that starts in between finds a whole program, old or new.
mkdirSync(join(outdir, 'chunks'), { recursive: true });
const chunks = readdirSync(join(fresh, 'chunks'));
for (const name of chunks) renameSync(join(fresh, 'chunks', name), join(outdir, 'chunks', name));
cpSync(join(fresh, 'bull-board'), join(outdir, 'bull-board'), { recursive: true });
for (const entry of readdirSync(fresh, { withFileTypes: true }))
  if (entry.isFile()) renameSync(join(fresh, entry.name), join(outdir, entry.name));
rmSync(fresh, { recursive: true });
for (const name of readdirSync(join(outdir, 'chunks'))) {
  const path = join(outdir, 'chunks', name);
  if (!chunks.includes(name) && statSync(path).mtimeMs < Date.now() - KEEP_OLD_CHUNKS_MS) rmSync(path);
}

await import('./build-template.mjs');
