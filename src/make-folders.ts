import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder that only its user may read, where there is none, with what is missing above it. Each on its own: where a
 * system answers that a parent is missing though it is there (/proc), Node's own way of making them all never returns.
 * @throws Error with the system's code
 */
export function makeFolders(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(folder).isDirectory()) return;
    const parent = dirname(folder);
    if (code !== 'ENOENT' || parent === folder || statSync(parent, { throwIfNoEntry: false })) throw error;
    makeFolders(parent);
    makeFolders(folder);
  }
}
