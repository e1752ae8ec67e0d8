// @ts-check
// npm run pack:release -- OUT [--this-system]: writes what a release publishes. OUT/popstash-VERSION.tgz, OUT/runtimes/*.tgz
// (one a system, or only of this one), OUT/sbom.cdx.json and OUT/server.json. docs/releasing.md says how to install it
// without a registry.
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundle, root } from './bundle.mjs';
import { collectLicenses } from './release/collect-licenses.mjs';
import { packFolders } from './release/pack-folders.mjs';
import { PLATFORMS } from './release/platforms.mjs';
import { publishedManifest } from './release/published-manifest.mjs';
import { serverJson } from './release/server-json.mjs';
import { stageRuntime } from './release/stage-runtime.mjs';
import { writeSbom } from './release/write-sbom.mjs';

const [out, option] = process.argv.slice(2);
if (!out || (option !== undefined && option !== '--this-system')) {
  console.error('usage: npm run pack:release -- OUT [--this-system]');
  process.exit(2);
}
await packRelease(resolve(out), option === undefined ? PLATFORMS : PLATFORMS.filter(isThisSystem));

/** @param {import('./release/platforms.mjs').Platform} platform */
function isThisSystem({ os, cpu }) {
  return os === process.platform && cpu === process.arch;
}

/**
 * @param {string} folder absolute; made when it is not there
 * @param {readonly import('./release/platforms.mjs').Platform[]} platforms
 */
async function packRelease(folder, platforms) {
  const runtimes = join(folder, 'runtimes');
  mkdirSync(runtimes, { recursive: true });
  const development = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const stage = mkdtempSync(join(tmpdir(), 'popstash-release-'));
  try {
    const product = join(stage, 'popstash');
    const bundled = await stageProduct(product, development);
    const staged = platforms.map((platform) => {
      const target = join(stage, platform.name);
      stageRuntime(root, platform, development, target);
      return target;
    });
    for (const file of packFolders([product], folder)) console.log(join(folder, file));
    if (staged.length > 0) for (const file of packFolders(staged, runtimes)) console.log(join(runtimes, file));
    writeSbom(root, bundled, join(folder, 'sbom.cdx.json'));
    writeFileSync(join(folder, 'server.json'), `${JSON.stringify(serverJson(development), undefined, 2)}\n`);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/**
 * The files of the published package and a manifest without dependencies.
 * @param {string} product folder to write
 * @param {Record<string, any>} development the repository's package.json
 * @returns {Promise<string[]>} folders of the packages in the bundle
 */
async function stageProduct(product, development) {
  await import('./build-template.mjs');
  // dist/ may hold chunks of earlier builds: bundled here once more.
  for (const name of development.files.filter((/** @type {string} */ entry) => !/^dist$|^!/.test(entry)))
    cpSync(join(root, name), join(product, name), { recursive: true });
  const { loaded, bundled } = await bundle(join(product, 'dist'), { withMaps: false });
  cpSync(join(root, 'dist', 'embedded-template'), join(product, 'dist', 'embedded-template'), { recursive: true });
  chmodSync(join(product, 'dist', 'main.js'), 0o755);
  writeFileSync(join(product, 'THIRD-PARTY-LICENSES.txt'), collectLicenses(root, bundled));
  const manifest = publishedManifest(development, loaded);
  writeFileSync(join(product, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return bundled;
}
