// Bundles the product into dist/: one file an entry and shared chunks, so that a bridge starts without parsing the rest.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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

// The prebuilt database is kept: build-template.mjs knows whether it must be made again.
mkdirSync(outdir, { recursive: true });
for (const name of readdirSync(outdir)) {
  if (name !== 'embedded-template') rmSync(join(outdir, name), { recursive: true, force: true });
}
await build({
  absWorkingDir: root,
  entryPoints: {
    main: 'src/main.ts',
    'model-thread': 'src/embedding/model-thread.ts',
    'pglite-thread': 'src/db/pglite-thread.ts',
  },
  outdir,
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
  external,
  // ES modules where a package has both: smaller chunks, since what is not used can be left out.
  mainFields: ['module', 'main'],
  plugins: [namedDynamicImports],
  // CommonJS dependencies inside an ESM bundle still call require for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

await import('./build-template.mjs');
