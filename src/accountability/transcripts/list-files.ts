import { fdir } from 'fdir';

/** All files below some folders, sorted. A folder that is missing or may not be read is empty. */
export async function listFilesBelow(roots: readonly string[], isWanted: (path: string) => boolean): Promise<string[]> {
  const found = new Set<string>();
  for (const root of roots) {
    // fdir leaves out what it cannot read; links are not followed, so that no file counts under two names.
    const paths = await new fdir().withFullPaths().filter(isWanted).crawl(root).withPromise();
    for (const path of paths) found.add(path);
  }
  return [...found].sort();
}
