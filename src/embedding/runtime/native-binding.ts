import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const FILE = 'onnxruntime_binding.node';

/**
 * Loads the native part of onnxruntime: from the package that npm chose for this system, or in a clone of the repository
 * from onnxruntime-node. The bundle's onnxruntime-node calls this in place of its own `require`.
 * @throws Error when none is installed, or the system refuses it (musl, an old glibc or macOS, a missing C++ runtime)
 */
export function loadBinding(platform: string = process.platform, arch: string = process.arch): unknown {
  const load = createRequire(import.meta.url);
  const folders = [
    [`@popstash/runtime-${platform}-${arch}`, '.'],
    ['onnxruntime-node', join('bin', 'napi-v6', platform, arch)],
  ] as const;
  for (const [name, folder] of folders) {
    const file = findFile(load, name, folder);
    if (file !== null) return load(file);
  }
  throw new Error(`@popstash/runtime-${platform}-${arch} is not installed`);
}

function findFile(load: NodeJS.Require, name: string, folder: string): string | null {
  try {
    const file = join(dirname(load.resolve(`${name}/package.json`)), folder, FILE);
    return existsSync(file) ? file : null;
  } catch {
    return null;
  }
}
