// @ts-check
// npm run pack:release -- OUT: writes the product's tarball as users install it, and beside it the tarballs of what it
// needs on this platform, so that `npm i --ignore-scripts OUT/*.tgz` needs no network.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundle, root } from './bundle.mjs';
import { findInstalled } from './release/find-installed.mjs';
import { packFolders } from './release/pack-folders.mjs';
import { publishedManifest } from './release/published-manifest.mjs';
import { stageInstalled } from './release/stage-installed.mjs';

const out = process.argv[2];
if (!out) {
  console.error('usage: npm run pack:release -- OUT');
  process.exit(2);
}
await packRelease(resolve(out));

/** @param {string} folder absolute; made when it is not there */
async function packRelease(folder) {
  mkdirSync(folder, { recursive: true });
  const stage = mkdtempSync(join(tmpdir(), 'popstash-release-'));
  try {
    const product = join(stage, 'popstash');
    const loaded = await stageProduct(product);
    const needed = findInstalled(root, loaded);
    const folders = needed.map((installed, index) => stageInstalled(installed, join(stage, String(index))));
    const files = packFolders([product, ...folders], folder);
    for (const file of files) console.log(join(folder, file));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/**
 * The files of the published package and a manifest with nothing but what they load.
 * @param {string} product folder to write
 * @returns {Promise<string[]>} names of the packages that the product loads from node_modules
 */
async function stageProduct(product) {
  await import('./build-template.mjs');
  const development = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // dist/ may hold chunks of earlier builds: bundled here once more.
  for (const name of development.files.filter((/** @type {string} */ entry) => entry !== 'dist'))
    cpSync(join(root, name), join(product, name), { recursive: true });
  const loaded = await bundle(join(product, 'dist'));
  cpSync(join(root, 'dist', 'embedded-template'), join(product, 'dist', 'embedded-template'), { recursive: true });
  writeFileSync(
    join(product, 'package.json'),
    `${JSON.stringify(publishedManifest(development, loaded), undefined, 2)}\n`,
  );
  return loaded;
}
