// @ts-check
// The embedded database in the bundle: PGlite and the three extensions that the schema needs, as dist/pglite/index.mjs beside
// its WebAssembly and data files. Its package has 90 more extensions, each module twice, and source maps.
import { cpSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';

/** Resolved by dist/package.json, from entries and chunks alike. */
const SPECIFIER = '#pglite';
const EXPORTS = `export { PGlite } from '@electric-sql/pglite';
export { btree_gin } from '@electric-sql/pglite/contrib/btree_gin';
export { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
export { vector } from '@electric-sql/pglite-pgvector';`;
/** `new URL('../pg_trgm.tar.gz', import.meta.url)` */
const ASSET = /new URL\("([^"]+\.(?:wasm|data|tar\.gz))",\s*import\.meta\.url\)/g;

/** In every other bundle. @type {import('esbuild').Plugin} */
export const pgliteApart = {
  name: 'pglite-apart',
  setup(build) {
    build.onResolve({ filter: /^@electric-sql\// }, () => ({ path: SPECIFIER, external: true }));
  },
};

/**
 * @param {string} root the repository
 * @param {string} outdir of the bundle
 * @returns {Promise<import('esbuild').Metafile>}
 */
export async function bundlePglite(root, outdir) {
  /** @type {Map<string, string>} name of a file to where it is */
  const assets = new Map();
  const { metafile } = await build({
    absWorkingDir: root,
    stdin: { contents: EXPORTS, resolveDir: root },
    outfile: join(outdir, 'pglite', 'index.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    plugins: [
      {
        name: 'pglite-assets',
        setup(build) {
          build.onLoad({ filter: /[\\/]@electric-sql[\\/].*\.js$/ }, ({ path }) => ({
            loader: 'js',
            contents: readFileSync(path, 'utf8').replace(ASSET, (_, /** @type {string} */ asset) => {
              assets.set(basename(asset), join(dirname(path), asset));
              return `new URL("./${basename(asset)}", import.meta.url)`;
            }),
          }));
        },
      },
    ],
  });
  for (const [name, from] of assets) cpSync(from, join(outdir, 'pglite', name));
  return metafile;
}
