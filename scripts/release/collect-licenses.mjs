// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LICENSE_FILE = /^(licen[cs]e|copying|notice)/i;

/**
 * The licences of everything that the bundle contains, which most of them ask to be kept.
 * @param {string} root the repository
 * @param {readonly string[]} folders of packages, relative to the root
 * @returns {string} a text for THIRD-PARTY-LICENSES.txt
 */
export function collectLicenses(root, folders) {
  const texts = folders.map((folder) => describe(join(root, folder)));
  const head = 'PopStash contains code of these packages, under their own licences.';
  return `${[head, ...texts].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** @param {string} folder */
function describe(folder) {
  const { name, version, license, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const source = typeof repository === 'string' ? repository : (repository?.url ?? '');
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LICENSE_FILE.test(entry.name) && !/\.[cm]?[jt]s$/.test(entry.name))
    .map(({ name }) => name);
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  // Some publish no text beside the name of a licence: the text is that of the name.
  return [`${name} ${version} (${license ?? 'see its source'}) ${source}`.trim(), ...texts].join('\n\n');
}
