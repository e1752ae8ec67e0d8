import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { readForeignFile } from '../../files/read-foreign-file.js';

export interface IgnoreRules {
  /** @param path relative to the worktree; of a folder with '/' at its end, '' is the worktree */
  ignores(path: string): boolean;
}

/** Of one .gitignore; a larger one is left to git. */
const MAX_RULES_BYTES = 1_000_000;
/** Time for git to tell which of some paths it ignores, in ms. */
const TIMEOUT_MS = 1_000;

/** The rules of the .gitignore files of a worktree, of each folder the nearest last; read when they are needed. */
export function createIgnoreRules(worktree: string): IgnoreRules {
  const files = new Map<string, Ignore | null>();

  function rulesOf(folder: string): Ignore | null {
    const known = files.get(folder);
    if (known !== undefined) return known;
    const text = readForeignFile(join(worktree, folder, '.gitignore'), MAX_RULES_BYTES);
    const rules = text === null ? null : ignore().add(text);
    files.set(folder, rules);
    return rules;
  }

  return {
    ignores(path) {
      let ignored = false;
      // Each part of the path, since a file can't be included again when a folder above it is ignored.
      for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
        const part = end === -1 ? path : path.slice(0, end + 1);
        if (part !== '') ignored = isIgnored(part, rulesOf);
        if (ignored || end === -1 || end === path.length - 1) return ignored;
      }
    },
  };
}

function isIgnored(path: string, rulesOf: (folder: string) => Ignore | null): boolean {
  let ignored = false;
  for (let at = 0; at !== -1 && at < path.length; ) {
    const name = path.slice(at);
    const found = rulesOf(path.slice(0, at))?.test(name);
    if (found?.ignored) ignored = true;
    else if (found?.unignored) ignored = false;
    const next = path.indexOf('/', at);
    at = next === -1 ? -1 : next + 1;
  }
  return ignored;
}

/** Those of these paths that git ignores; null where git can't tell. Tracked files are never ignored. */
export function findIgnored(worktree: string, paths: readonly string[]): Promise<Set<string> | null> {
  return new Promise((resolve) => {
    const options = { cwd: worktree, encoding: 'utf8', timeout: TIMEOUT_MS, maxBuffer: 8 * 1024 * 1024 } as const;
    const child = execFile('git', ['check-ignore', '-z', '--stdin'], options, (error, stdout) => {
      // Code 1: none of them.
      if (child.killed || (error && error.code !== 1)) resolve(null);
      else resolve(new Set(stdout.split('\0').filter(Boolean)));
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(paths.map((path) => `${path}\0`).join(''));
  });
}

/** Stands for the rules that decide about these folders: it differs when one of the files with rules has changed. */
export function markRules(worktree: string, folders: readonly string[], listed: readonly string[]): string {
  const above = folders.flatMap((folder) =>
    folder.split('/').map((_, index, parts) => [...parts.slice(0, index), '.gitignore'].join('/')),
  );
  const below = listed.filter((path) => path === '.gitignore' || path.endsWith('/.gitignore'));
  const files = [...new Set(['.git/info/exclude', ...above, ...below])].sort();
  return files.map((path) => `${path} ${markOf(join(worktree, path))}`).join('\n');
}

function markOf(path: string): string {
  try {
    const { size, mtimeMs } = statSync(path);
    return `${size} ${mtimeMs}`;
  } catch {
    return '';
  }
}
