import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PackageInfo {
  /** Absolute folder that holds package.json, models/ and prisma/. */
  root: string;
  version: string;
}

/**
 * Finds this package's own folder, from the source tree and from the bundle alike.
 * @throws Error when the files were moved away from their package.json.
 */
export function findPackage(from: string = import.meta.url): PackageInfo {
  let folder = dirname(fileURLToPath(from));
  for (;;) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) {
      const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string; version?: string };
      if (name === 'popstash') return { root: folder, version: version ?? '0.0.0' };
    }
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no package.json of popstash above ${fileURLToPath(from)}`);
    folder = parent;
  }
}
