// @ts-check
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkBinary } from './check-binary.mjs';
import { runtimeName } from './platforms.mjs';

/**
 * Writes the package of one system's native runtime: onnxruntime-node's own binaries, its licence, and no script.
 * @param {string} root the repository
 * @param {import('./platforms.mjs').Platform} platform
 * @param {Record<string, any>} development the repository's package.json
 * @param {string} target folder to write
 * @throws Error when a binary is not there, or is for another system
 */
export function stageRuntime(root, platform, development, target) {
  const source = join(root, 'node_modules', 'onnxruntime-node');
  const { version, license, repository } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  mkdirSync(target, { recursive: true });
  for (const file of platform.files) {
    const from = join(source, 'bin', 'napi-v6', platform.os, platform.cpu, file);
    checkBinary(from, platform);
    cpSync(from, join(target, file));
  }
  cpSync(join(root, 'scripts', 'release', 'onnxruntime-license.txt'), join(target, 'LICENSE'));
  const about = `The native build of onnxruntime ${version} for ${platform.name}, cut from the npm package onnxruntime-node`;
  writeFileSync(
    join(target, 'README.md'),
    `# ${runtimeName(platform)}\n\n${about}. PopStash installs it where it fits; it is of no use alone.\n`,
  );
  const manifest = {
    name: runtimeName(platform),
    version: development.version,
    description: `${about}, for PopStash.`,
    homepage: development.homepage,
    bugs: development.bugs,
    // Of PopStash, which publishes it: npm compares it with the workflow that made the provenance.
    repository: development.repository,
    contributors: [{ name: 'Microsoft Corporation', url: repository.url }],
    license,
    os: [platform.os],
    cpu: [platform.cpu],
    ...(platform.libc && { libc: [platform.libc] }),
    files: [...platform.files],
    // Not unpacked from a zip by Yarn's PnP: the system loads these files by their path.
    preferUnplugged: true,
    publishConfig: { access: 'public', provenance: true },
  };
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}
