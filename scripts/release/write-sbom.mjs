// @ts-check
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** onnxruntime-web and onnxruntime-node are in the packages as binaries, and so are Bull Board's page and the locks. */
const WITHOUT_MODULES = ['onnxruntime-node', 'onnxruntime-web', '@bull-board/ui'];

/**
 * The bill of materials of the released packages, CycloneDX: npm's own of the repository, cut to what they contain.
 * @param {string} root the repository
 * @param {readonly string[]} bundled folders of the packages in the bundle, relative to the root
 * @param {string} file to write
 */
export function writeSbom(root, bundled, file) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const options = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
  const text = execFileSync(npm, options, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    maxBuffer: 64 << 20,
  });
  const contained = new Set(
    [...bundled, ...WITHOUT_MODULES.map((name) => join('node_modules', name))].map(toPurl(root)),
  );
  const bom = JSON.parse(text);
  bom.components = bom.components.filter((/** @type {{ purl: string }} */ { purl }) => contained.has(purl));
  const refs = new Set(
    [bom.metadata.component, ...bom.components].map((/** @type {{ 'bom-ref': string }} */ each) => each['bom-ref']),
  );
  bom.dependencies = bom.dependencies
    .filter((/** @type {{ ref: string }} */ { ref }) => refs.has(ref))
    .map((/** @type {{ ref: string, dependsOn: string[] }} */ { ref, dependsOn }) => ({
      ref,
      dependsOn: dependsOn.filter((other) => refs.has(other)),
    }));
  const missing = [...contained].filter(
    (purl) => !bom.components.some((/** @type {{ purl: string }} */ each) => each.purl === purl),
  );
  if (missing.length > 0) throw new Error(`the bill of materials lacks ${missing.join(', ')}`);
  writeFileSync(file, `${JSON.stringify(bom, undefined, 2)}\n`);
}

/** @param {string} root */
function toPurl(root) {
  return (/** @type {string} */ folder) => {
    const { name, version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    return `pkg:npm/${name.replace('@', '%40')}@${version}`;
  };
}
