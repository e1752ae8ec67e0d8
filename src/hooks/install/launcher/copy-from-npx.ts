import { cpSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder below the launcher's that holds a program which npx has brought. */
const APP = 'app';

/**
 * Copies this program out of the cache of npx, which is emptied now and then, with the packages beside it: the launcher
 * starts it from there, without a network. The copy of another version is replaced.
 * @param root of the package in the cache
 * @param folder of the launcher
 * @returns the package's folder in the copy
 * @throws the system's error
 */
export function copyFromNpx(root: string, folder: string): string {
  const app = join(folder, APP);
  const copied = join(app, 'node_modules', 'popstash');
  if (readVersion(copied) === readVersion(root)) return copied;
  const draft = `${app}.${process.pid}`;
  try {
    cpSync(dirname(root), join(draft, 'node_modules'), { recursive: true, verbatimSymlinks: true });
    rmSync(app, { recursive: true, force: true });
    renameSync(draft, app);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return copied;
}

/** Removes the copy, if there is one. */
export function removeCopy(folder: string): void {
  const app = join(folder, APP);
  if (existsSync(app)) rmSync(app, { recursive: true, force: true });
}

function readVersion(root: string): string | null {
  try {
    return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
  } catch {
    return null;
  }
}
