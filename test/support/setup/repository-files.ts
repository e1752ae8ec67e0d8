import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** The repository's folder. */
export const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Made, installed or somebody else's: no part of what a reader is shown. */
const LEFT_OUT = new Set(['node_modules', 'dist', '.git', 'coverage', 'generated', 'models']);

/** Every file of the repository, relative to it, with forward slashes. */
export function listRepositoryFiles(): string[] {
  const files: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (LEFT_OUT.has(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) files.push(relative(ROOT, path).split(sep).join('/'));
    }
  };
  walk(ROOT);
  return files.sort();
}

export function readRepositoryFile(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
