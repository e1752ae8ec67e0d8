import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readForeignFile } from '../files/read-foreign-file.js';
import { replaceFile } from '../files/write-new-file.js';

/** The repositories and folders of this machine that the team's server has been told of. */
export interface SharedPlaces {
  /** Never throws: what can't be written is told again. @param root git common directory, or the folder @param id the team's project */
  add(root: string, id: string): void;
  /** The project of a place; null for one that the team does not know: nothing of it is told. */
  find(root: string): string | null;
}

const MAX_BYTES = 10_000;

/** A file of the data folder for each of them, since any number of processes add some. @param url of the team's server */
export function openSharedPlaces(dataDir: string, url: string): SharedPlaces {
  const folder = join(dataDir, 'team', digest(url));
  const fileOf = (root: string) => join(folder, `${digest(root)}.json`);

  function find(root: string): string | null {
    try {
      const known = JSON.parse(readForeignFile(fileOf(root), MAX_BYTES) ?? 'null') as { root?: unknown; id?: unknown };
      return known?.root === root && typeof known.id === 'string' ? known.id : null;
    } catch {
      return null;
    }
  }

  return {
    find,
    add(root, id) {
      if (find(root) === id) return;
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        replaceFile(fileOf(root), JSON.stringify({ root, id }));
      } catch {
        // The next process that works there adds it.
      }
    },
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}
