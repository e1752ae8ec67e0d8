import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Repository } from '../project/find-repository.js';
import { readMarks } from './file-marks.js';
import type { Git } from './run-git.js';

export interface RenameFinder {
  /**
   * Tracked files of a worktree that have one of these contents by git's index: where a file that is gone may have gone.
   * @returns paths by blob; null when git can't tell
   */
  find(repository: Repository, blobs: ReadonlySet<string>): Promise<Map<string, string[]> | null>;
}

/** Paths of one content that are looked at. */
const MAX_PATHS = 5;

export function createRenameFinder(git: Git): RenameFinder {
  const cache = new LRUCache<string, string[]>({ max: 2_000 });

  return {
    async find({ worktree, gitDir }, blobs) {
      // Null when it can't be told whether the index has changed.
      const mark = (await readMarks(join(gitDir, 'index')))?.content ?? null;
      const found = new Map<string, string[]>();
      for (const blob of blobs) {
        const known = cache.get(`${gitDir} ${mark} ${blob}`);
        if (known) found.set(blob, known);
      }
      const wanted = new Set([...blobs].filter((blob) => !found.has(blob)));
      if (wanted.size === 0) return found;
      const seen = new Map([...wanted].map((blob) => [blob, [] as string[]]));
      const { status } = await git.run(worktree, ['ls-files', '--stage', '-z'], { onText: createEntryScan(seen) });
      if (status !== 0) return null;
      for (const [blob, paths] of seen) {
        found.set(blob, paths);
        if (mark !== null) cache.set(`${gitDir} ${mark} ${blob}`, paths);
      }
      return found;
    },
  };
}

/** Reads entries `MODE BLOB STAGE\tPATH\0` as they come. */
function createEntryScan(seen: ReadonlyMap<string, string[]>): (text: string) => void {
  let rest = '';
  return (text) => {
    const entries = `${rest}${text}`.split('\0');
    rest = entries.pop() ?? '';
    for (const entry of entries) {
      const paths = seen.get(entry.slice(7, entry.indexOf(' ', 7)));
      if (paths && paths.length < MAX_PATHS) paths.push(entry.slice(entry.indexOf('\t') + 1));
    }
  };
}
