// @ts-check
// The lock of the data folder in the bundle: fs-native-extensions, whose binaries of all systems (0.4 MB) lie in dist/native.
// Those for Linux ask for nothing but libc's own functions, so they serve glibc and musl.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkBinary } from '../release/check-binary.mjs';

/** Systems that Node and a coding agent run on. */
const SYSTEMS = ['darwin', 'linux', 'win32'].flatMap((os) => ['arm64', 'x64'].map((cpu) => ({ os, cpu })));
const NAME = 'fs-native-extensions';

/**
 * Loaded with the first lock and not with the module: where there is no binary, that call fails and says so. `#native` is
 * an entry of dist/package.json, so that chunks and entries find the folder alike.
 */
const BINDING = `let loaded;
const load = () => (loaded ??= require('#native/${NAME}-' + process.platform + '-' + process.arch + '.node'));
exports.tryLock = (...args) => load().tryLock(...args);`;

/** @type {import('esbuild').Plugin} */
export const nativeLock = {
  name: 'native-lock',
  setup(build) {
    build.onLoad({ filter: /[\\/]fs-native-extensions[\\/]binding\.js$/ }, () => ({ contents: BINDING, loader: 'js' }));
  },
};

/**
 * @param {string} root the repository
 * @param {string} outdir of the bundle
 */
export function copyNativeLocks(root, outdir) {
  mkdirSync(join(outdir, 'native'), { recursive: true });
  for (const system of SYSTEMS) {
    const name = `${system.os}-${system.cpu}`;
    const from = join(root, 'node_modules', NAME, 'prebuilds', name, `${NAME}.node`);
    checkBinary(from, system);
    cpSync(from, join(outdir, 'native', `${NAME}-${name}.node`));
  }
}
