import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { readForeignFile } from '../../files/read-foreign-file.js';

export interface IgnoreRules {
  /** @param path relative to the worktree; of a folder with '/' at its end, '' is the worktree */
  ignores(path: string): boolean;
}

/** Of one .gitignore; a larger one is left to git. */
const MAX_RULES_BYTES = 1_000_000;

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
