// @ts-check
// Bundles the product into one folder: one file an entry and shared chunks, so that a bridge starts without parsing the
// rest. Used by build.mjs (dist/) and by pack-release.mjs (the published package).
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { generateClient } from './generate-client.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Native code, WebAssembly and models are found beside their packages, not in a bundle: these stay in node_modules. */
const LOADED_FROM_NODE_MODULES = ['@xenova/transformers', '@electric-sql/*', 'fs-native-extensions'];
/** `pg` and BullMQ ask for them and go on without. */
const NEVER_INSTALLED = ['pg-native', '@valkey/valkey-glide'];
const external = [...LOADED_FROM_NODE_MODULES, ...NEVER_INSTALLED];

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
    build.onResolve({ filter: /^\.\/load-hook\.js$/ }, () => ({ path: './hook.cjs', namespace: 'required' }));
    build.onResolve({ filter: /\.cjs$/, namespace: 'required' }, ({ path }) => ({ path, external: true }));
    build.onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

/**
 * Writes the bundle.
 * @param {string} outdir absolute; need not exist
 * @returns {Promise<string[]>} names of the packages that the bundle loads from node_modules at run time
 */
export async function bundle(outdir) {
  generateClient();
  const modules = await bundleModules(outdir);
  const singles = await bundleSingleFiles(outdir);
  writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n');
  copyBoardPage(join(outdir, 'bull-board'));
  return listPackages([modules, ...singles]);
}

/** @param {string} outdir */
async function bundleModules(outdir) {
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
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    chunkNames: 'chunks/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    external,
    // ES modules where a package has both: smaller chunks, since what is not used can be left out.
    mainFields: ['module', 'main'],
    plugins: [namedDynamicImports, pgOnNode, mcpWithoutValidator],
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
    build({ ...options, entryPoints: { main: 'src/bin/main.ts' }, plugins: [startApart] }),
    bundleHook(outdir, { ...options, ...apart }),
    build({ ...options, ...apart, entryPoints: { 'files-thread': 'src/app/files/files-thread.ts' } }),
    build({
      ...options,
      ...apart,
      entryPoints: { bridge: 'src/bin/bridge.ts' },
      // It finds its package from its own place, for which CommonJS has another name.
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
  const code = await build({ ...short, entryPoints: { hook: 'src/bin/hook.ts' }, write: false, metafile: true });
  const contents = code.outputFiles[0]?.contents ?? new Uint8Array();
  const name = `hook-${createHash('sha256').update(contents).digest('hex').slice(0, 8)}.cjs`;
  mkdirSync(join(outdir, 'chunks'), { recursive: true });
  writeFileSync(join(outdir, 'chunks', name), contents);
  const define = { HOOK_CODE: JSON.stringify(name) };
  await build({ ...short, entryPoints: { hook: 'src/bin/load-hook.ts' }, define });
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

/** @param {import('esbuild').Metafile[]} metafiles */
function listPackages(metafiles) {
  const names = metafiles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap(({ imports }) => imports)
    .filter(({ external, path }) => external && !isBuiltin(path) && !path.startsWith('.'))
    .map(({ path }) => path.split('/', path.startsWith('@') ? 2 : 1).join('/'));
  return [...new Set(names)].filter((name) => !NEVER_INSTALLED.includes(name)).sort();
}
