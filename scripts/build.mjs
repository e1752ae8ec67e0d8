// @ts-check
// Builds the product into dist/: the bundle, then the prebuilt embedded database.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
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
const files = readdirSync(fresh, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(fresh, join(entry.parentPath, entry.name)));
for (const file of files.sort((a, b) => rank(a) - rank(b))) place(file);
rmSync(fresh, { recursive: true });
for (const name of readdirSync(join(outdir, 'chunks'))) {
  const path = join(outdir, 'chunks', name);
  if (!chunks.includes(name) && statSync(path).mtimeMs < Date.now() - KEEP_OLD_CHUNKS_MS) rmSync(path);
}

await import('./build-template.mjs');

/**
 * Folders before entries, and what names the folders between them.
 * @param {string} file
 */
function rank(file) {
  if (file.includes(sep)) return 0;
  return file === 'package.json' ? 1 : 2;
}

/**
 * What is the same stays, and nothing is written over: a process may have it mapped.
 * @param {string} file below the folder of the bundle
 */
function place(file) {
  const [from, to] = [join(fresh, file), join(outdir, file)];
  if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) return;
  mkdirSync(dirname(to), { recursive: true });
  renameSync(from, to);
}
