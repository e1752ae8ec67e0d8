import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { listForeignFolder } from '../../files/read-foreign-file.js';
import { patternsOverlap } from '../../globs/compare-patterns.js';
import { foldCase } from '../../globs/fold-case.js';
import type { Pattern } from '../../globs/pattern-types.js';
import { findRepository } from '../../project/find-repository.js';

/** Folders that are looked into below a glob's literal part, and how deep. */
const MAX_FOLDERS = 200;
const MAX_DEPTH = 4;
/** Entries of all these folders together. */
const MAX_ENTRIES = 20_000;
/** What was found is remembered this long, in ms: a call may have a hundred globs. */
const KNOWN_MS = 10_000;
const SKIPPED = new Set(['.git', 'node_modules']);

const known = new LRUCache<string, string[]>({ max: 200, ttl: KNOWN_MS });

/**
 * Submodules and clones below a folder, as far as they are found within the bounds. Other worktrees of the same repository
 * are none: they are copies of it, not parts.
 * @returns absolute paths of their top folders
 */
export function listInnerRepositories(folder: string): string[] {
  const found = known.get(folder) ?? search(folder);
  known.set(folder, found);
  return found;
}

function search(top: string): string[] {
  const own = findRepository(top)?.root;
  const found: string[] = [];
  let level = [top];
  let looked = 0;
  let entries = MAX_ENTRIES;
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const folder of level) {
      looked += 1;
      if (looked > MAX_FOLDERS || entries <= 0) return found;
      const listed = listForeignFolder(folder, entries);
      entries -= listed.length;
      for (const { name, kind } of listed) {
        if (kind !== 'folder' || SKIPPED.has(name)) continue;
        const path = join(folder, name);
        const inner = existsSync(join(path, '.git')) ? findRepository(path) : null;
        if (inner?.worktree === path && inner.root === own) continue;
        if (inner?.worktree === path) found.push(path);
        next.push(path);
      }
    }
    level = next;
  }
  return found;
}

/**
 * What a glob matches within a folder, as a glob of that folder. Exact where its wildcards come one folder at a time; else
 * it may match more.
 * @param folder relative to what the glob is relative to
 * @returns null when it matches nothing there
 */
export function reachInto({ pattern, key }: Pattern, folder: string, foldsCase: boolean): string | null {
  const escaped = folder.replace(/[*?[\]{}()!\\]/g, '\\$&');
  const within = { key: `${foldsCase ? foldCase(escaped) : escaped}/**`, isGlob: true };
  if (!patternsOverlap({ key, isGlob: true }, within)) return null;
  // Braces may hold several folders.
  if (/[{}\\]/.test(pattern)) return '**';
  const segments = pattern.split('/');
  const depth = folder.split('/').length;
  const any = segments.indexOf('**');
  const last = segments.at(-1) ?? '**';
  if (any >= 0 && any < depth) return last === '**' ? '**' : `**/${last}`;
  return segments.slice(depth).join('/') || null;
}
