import type { RenameFinder } from '../../git/find-renamed.js';
import { type BlobReader, blobOf, type Content } from '../../git/read-blobs.js';
import type { Repository } from '../../project/find-repository.js';
import type { MemoryOrigin } from './origin-types.js';

/** Whether the content of a file that is gone is in another tracked file now, by `keyOfGone`; absent: not known. */
export type Followed = Map<string, boolean>;

export function keyOfGone(path: string, blob: string): string {
  return `${path}\0${blob}`;
}

/** Follows files that are gone to where git has their content, and only by that. */
export async function followRenames(
  { renames, blobs }: { renames: RenameFinder; blobs: BlobReader },
  repository: Repository,
  origins: readonly MemoryOrigin[],
  contents: ReadonlyMap<string, Content>,
): Promise<Followed> {
  const gone = new Map<string, string>();
  for (const { files } of origins) {
    for (const [path, blob] of Object.entries(files)) {
      if (blob !== null && contents.get(path) === 'absent') gone.set(keyOfGone(path, blob), blob);
    }
  }
  const followed: Followed = new Map();
  if (gone.size === 0) return followed;
  const found = await renames.find(repository, new Set(gone.values()));
  if (!found) return followed;
  const targets = new Map<string, Content>();
  await blobs.read(repository.worktree, true, new Set([...found.values()].flat()), targets);
  for (const [key, blob] of gone) {
    const paths = found.get(blob) ?? [];
    const isThere = paths.some((path) => blobOf(targets.get(path)) === blob);
    // A file that could not be read may have it.
    if (isThere || paths.every((path) => targets.get(path) != null)) followed.set(key, isThere);
  }
  return followed;
}
