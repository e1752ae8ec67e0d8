// @ts-check
// Bundles the product into one folder: one file an entry and shared chunks, so that a bridge starts without parsing the
// rest. Used by build.mjs (dist/) and by pack-release.mjs (the published package).
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { modelRuntime } from './bundle/model-runtime.mjs';
import { copyNativeLocks, nativeLock } from './bundle/native-lock.mjs';
import { packWasm } from './bundle/pack-wasm.mjs';
import { bundlePglite, pgliteApart } from './bundle/pglite.mjs';
import { generateClient } from './generate-client.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** `pg` and BullMQ ask for them and go on without. */
const external = ['pg-native', '@valkey/valkey-glide'];
/** What any Node may be asked to run: an old one must understand it so far that it says it is old (src/bin/require-node.ts). */
const anyNode = /** @type {const} */ ({ target: 'node12', supported: { 'dynamic-import': true } });

/**
 * @typedef {object} Bundled
 * @property {string[]} loaded names of the packages that the bundle loads from node_modules at run time
 * @property {string[]} bundled folders of the packages that are in the bundle, relative to the repository
 */

/** For chunks and entries alike, wherever the bundle puts them: src/embedding/runtime, scripts/bundle. */
const MANIFEST = { type: 'commonjs', imports: { '#pglite': './pglite/index.mjs', '#native/*': './native/*' } };

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
      if (external.includes(path)) return null;
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

/**
 * The MCP library brings a validator of JSON Schema with it, for answers to questions that a server asks; PopStash asks
 * none, and starts sooner without.
 * @type {import('esbuild').Plugin}
 */
const mcpWithoutValidator = {
  name: 'mcp-without-validator',
  setup(build) {
    build.onResolve({ filter: /^@modelcontextprotocol\/server\/_shims$/ }, () => ({ path: 'shims', namespace: 'mcp' }));
    build.onLoad({ filter: /./, namespace: 'mcp' }, () => ({
      contents: "export { default as process } from 'node:process'; export class DefaultJsonSchemaValidator {}",
    }));
  },
};

/**
 * What main.js starts in files of their own: modules by `import()`, the bridge and hooks by `require`, which spares them the
 * loader of modules.
 * @type {import('esbuild').Plugin}
 */
const startApart = {
  name: 'start-apart',
  setup(build) {
    build.onResolve({ filter: /^\.\/start\.js$/ }, () => ({ path: './start.mjs', external: true }));
    build.onResolve({ filter: /^\.\/bridge\.js$/ }, () => ({ path: './bridge.cjs', namespace: 'required' }));
    build.onResolve({ filter: /^\.\/status-line\.js$/ }, () => ({ path: './status-line.cjs', namespace: 'required' }));
    build.onResolve({ filter: /^\.\/load-hook\.js$/ }, () => ({ path: './hook.cjs', namespace: 'required' }));
    loadRequired(build);
  },
};

/** @param {import('esbuild').PluginBuild} build */
function loadRequired(build) {
  build.onResolve({ filter: /\.cjs$/, namespace: 'required' }, ({ path }) => ({ path, external: true }));
  build.onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
    contents: `module.exports = require(${JSON.stringify(path)});`,
  }));
}

/**
 * What a hook needs only where it has something to say by itself: a file of its own, which other hooks do not read.
 * @type {import('esbuild').Plugin}
 */
const speechApart = {
  name: 'speech-apart',
  setup(build) {
    build.onResolve({ filter: /\/speak-alone\.js$/ }, () => ({ path: './speak-alone.cjs', namespace: 'required' }));
    loadRequired(build);
  },
};

/**
 * Writes the bundle: everything that runs but the native build of the model's runtime, which is a package of its own.
 * @param {string} outdir absolute; need not exist
 * @param {{ withMaps: boolean }} settings source maps are for those who have the sources
 * @returns {Promise<Bundled>}
 */
export async function bundle(outdir, { withMaps } = { withMaps: true }) {
  generateClient();
  const modules = await bundleModules(outdir, withMaps);
  const singles = await bundleSingleFiles(outdir);
  const database = await bundlePglite(root, outdir);
  writeFileSync(join(outdir, 'package.json'), `${JSON.stringify(MANIFEST)}\n`);
  copyBoardPage(join(outdir, 'bull-board'));
  copyNativeLocks(root, outdir);
  packWasm(root, outdir);
  const metafiles = [modules, database, ...singles];
  return { loaded: listLoaded(metafiles), bundled: listBundled(metafiles) };
}

/**
 * @param {string} outdir
 * @param {boolean} withMaps
 */
async function bundleModules(outdir, withMaps) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      start: 'src/bin/start.ts',
      'model-thread': 'src/embedding/model-thread.ts',
      'pglite-thread': 'src/db/pglite/pglite-thread.ts',
      ...workerEntries(),
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
    ...(withMaps && { sourcemap: 'linked', sourcesContent: false }),
    legalComments: 'none',
    chunkNames: 'chunks/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    external,
    // ES modules where a package has both: smaller chunks, since what is not used can be left out.
    mainFields: ['module', 'main'],
    plugins: [namedDynamicImports, pgOnNode, mcpWithoutValidator, modelRuntime(root), nativeLock, pgliteApart],
    // CommonJS dependencies inside an ESM bundle still call require for Node's own modules.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/** A worker without the command line: dist/worker-NAME.mjs, for what starts processes by their file. */
function workerEntries() {
  const names = readdirSync(join(root, 'workers')).map((file) => basename(file, '.ts'));
  return Object.fromEntries(names.map((name) => [`worker-${name}`, `workers/${name}.ts`]));
}

/**
 * What every agent and its every edit start, and threads: single files of CommonJS, without the cost of loading modules.
 * @param {string} outdir
 */
async function bundleSingleFiles(outdir) {
  const options = /** @type {const} */ ({
    absWorkingDir: root,
    outdir,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  });
  const apart = /** @type {const} */ ({ outExtension: { '.js': '.cjs' } });
  const built = await Promise.all([
    build({ ...options, ...anyNode, entryPoints: { main: 'src/bin/main.ts' }, plugins: [startApart] }),
    bundleHook(outdir, { ...options, ...apart }),
    build({
      ...options,
      ...apart,
      entryPoints: { 'files-thread': 'src/app/files/files-thread.ts', 'status-line': 'src/bin/status-line.ts' },
    }),
    build({
      ...options,
      ...apart,
      entryPoints: { bridge: 'src/bin/bridge.ts', 'speak-alone': 'src/hooks/ask/speak-alone.ts' },
      // They find their package from their own place, for which CommonJS has another name.
      define: { 'import.meta.url': '__fileUrl' },
      banner: { js: "const __fileUrl = require('node:url').pathToFileURL(__filename).href;" },
    }),
  ]);
  return built.map(({ metafile }) => metafile);
}

/**
 * The code of `popstash hook`, whose file name has a hash of it, and hook.cjs, which loads it.
 * @param {string} outdir
 * @param {import('esbuild').BuildOptions} options
 */
async function bundleHook(outdir, options) {
  // Read for each edit: short names too.
  const short = { ...options, minifyIdentifiers: true };
  const entryPoints = { hook: 'src/bin/hook.ts' };
  const code = await build({ ...short, entryPoints, plugins: [speechApart], write: false, metafile: true });
  const contents = code.outputFiles[0]?.contents ?? new Uint8Array();
  const name = `hook-${createHash('sha256').update(contents).digest('hex').slice(0, 8)}.cjs`;
  mkdirSync(join(outdir, 'chunks'), { recursive: true });
  writeFileSync(join(outdir, 'chunks', name), contents);
  const define = { HOOK_CODE: JSON.stringify(name) };
  await build({ ...short, ...anyNode, entryPoints: { hook: 'src/bin/load-hook.ts' }, define });
  return code;
}

/**
 * The page of Bull Board, which its API reads from disk.
 * @param {string} folder
 */
function copyBoardPage(folder) {
  const api = createRequire(import.meta.url).resolve('@bull-board/api');
  const page = dirname(createRequire(api).resolve('@bull-board/ui/package.json'));
  cpSync(join(page, 'dist'), join(folder, 'dist'), { recursive: true });
}

/** @param {readonly import('esbuild').Metafile[]} metafiles */
function listLoaded(metafiles) {
  const names = metafiles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap(({ imports }) => imports)
    .filter(({ external, path }) => external && !isBuiltin(path) && !/^[.#]/.test(path))
    .map(({ path }) => path.split('/', path.startsWith('@') ? 2 : 1).join('/'));
  return [...new Set(names)].filter((name) => !external.includes(name)).sort();
}

/** @param {readonly import('esbuild').Metafile[]} metafiles */
function listBundled(metafiles) {
  const folders = metafiles
    .flatMap(({ inputs }) => Object.keys(inputs))
    .map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0])
    .filter((folder) => folder !== undefined);
  return [...new Set(folders)].sort();
}
