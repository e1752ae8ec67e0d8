// Bundles the product into dist/: one file an entry and shared chunks, so that a bridge starts without parsing the rest.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const outdir = join(root, 'dist');
// Native code, WebAssembly and models are found beside their packages, not in a bundle.
const external = ['@xenova/transformers', '@electric-sql/*', 'fs-native-extensions', 'pg-native'];

/**
 * `await import('cjs-package')` gives Node's names of a CommonJS package; a bundled chunk of it has a default only.
 * Each such import goes through a module that names what Node would name.
 * @type {import('esbuild').Plugin}
 */
const namedDynamicImports = {
  name: 'named-dynamic-imports',
  setup(build) {
    build.onResolve({ filter: /^[a-z@]/ }, async ({ path, kind, importer, resolveDir }) => {
      if (kind !== 'dynamic-import' || importer.includes('node_modules') || path.startsWith('node:')) return null;
      if (external.some((name) => path.startsWith(name.replace('*', '')))) return null;
      const target = await build.resolve(path, { kind: 'import-statement', resolveDir });
      const isModule = /^(import|export)\b/m.test(readFileSync(target.path, 'utf8'));
      return isModule ? null : { path, namespace: 'named-dynamic-import', pluginData: { resolveDir } };
    });
    build.onLoad({ filter: /./, namespace: 'named-dynamic-import' }, async ({ path, pluginData }) => {
      const names = Object.keys(await import(path)).filter((name) => /^[\w$]+$/.test(name) && name !== '__esModule');
      const contents = `export { ${names.join(', ')} } from ${JSON.stringify(path)};`;
      return { contents, resolveDir: pluginData.resolveDir };
    });
  },
};

/**
 * pg makes a `Response` to find out whether it runs at Cloudflare, and Node loads its whole fetch (undici) for that: more
 * memory and time than all of pg. Ours runs on Node: what pg would choose there, without the question.
 * @type {import('esbuild').Plugin}
 */
const pgOnNode = {
  name: 'pg-on-node',
  setup(build) {
    build.onLoad({ filter: /[\\/]pg[\\/]lib[\\/]stream\.js$/ }, () => ({
      contents: `const net = require('net');
exports.getStream = () => new net.Socket();
exports.getSecureStream = (options) => require('tls').connect(options);`,
    }));
  },
};

/** A process that runs imports its chunks when it first needs them: those of earlier builds stay for a while, in ms. */
const KEEP_OLD_CHUNKS_MS = 60 * 60 * 1000;

const fresh = join(root, 'node_modules', `.popstash-build-${process.pid}`);
await build({
  absWorkingDir: root,
  entryPoints: {
    start: 'src/bin/start.ts',
    'model-thread': 'src/embedding/model-thread.ts',
    'pglite-thread': 'src/db/pglite/pglite-thread.ts',
  },
  outdir: fresh,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Not the identifiers: stacks and error names stay readable, and helpers that keep names would cost 20 ms a start.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  chunkNames: 'chunks/[name]-[hash]',
  outExtension: { '.js': '.mjs' },
  external,
  // ES modules where a package has both: smaller chunks, since what is not used can be left out.
  mainFields: ['module', 'main'],
  plugins: [namedDynamicImports, pgOnNode],
  // CommonJS dependencies inside an ESM bundle still call require for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

/** @type {import('esbuild').Plugin} */
const startApart = {
  name: 'start-apart',
  setup(build) {
    build.onResolve({ filter: /^\.\/start\.js$/ }, () => ({ path: './start.mjs', external: true }));
  },
};

// What an agent's every edit starts: single files of CommonJS, without the cost of loading modules.
const commonJs = /** @type {import('esbuild').BuildOptions} */ ({
  absWorkingDir: root,
  outdir: fresh,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [startApart],
});
await build({ ...commonJs, entryPoints: { main: 'src/bin/main.ts' } });
await build({ ...commonJs, entryPoints: { hook: 'src/bin/hook.ts' }, outExtension: { '.js': '.cjs' } });
writeFileSync(join(fresh, 'package.json'), '{ "type": "commonjs" }\n');

// Chunks first, entries last, each by a rename: whoever starts in between finds a whole program, old or new.
mkdirSync(join(outdir, 'chunks'), { recursive: true });
const chunks = readdirSync(join(fresh, 'chunks'));
for (const name of chunks) renameSync(join(fresh, 'chunks', name), join(outdir, 'chunks', name));
for (const name of readdirSync(fresh).filter((entry) => entry !== 'chunks'))
  renameSync(join(fresh, name), join(outdir, name));
rmSync(fresh, { recursive: true });
for (const name of readdirSync(join(outdir, 'chunks'))) {
  const path = join(outdir, 'chunks', name);
  if (!chunks.includes(name) && statSync(path).mtimeMs < Date.now() - KEEP_OLD_CHUNKS_MS) rmSync(path);
}

await import('./build-template.mjs');
