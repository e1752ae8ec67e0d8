// @ts-check
import { execFileSync } from 'node:child_process';

/**
 * npm pack, once for all folders.
 * @param {readonly string[]} folders
 * @param {string} out folder of the tarballs
 * @returns {string[]} names of the tarballs
 */
export function packFolders(folders, out) {
  const args = ['pack', ...folders, '--pack-destination', out, '--ignore-scripts', '--json'];
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const answer = execFileSync(npm, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
    maxBuffer: 64 << 20,
  });
  return JSON.parse(answer).map((/** @type {{ filename: string }} */ { filename }) => filename);
}
