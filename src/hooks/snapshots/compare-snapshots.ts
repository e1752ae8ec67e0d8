import { contentOf, type FileState } from './file-states.js';
import type { Snapshot } from './snapshot-types.js';

/**
 * Paths that both snapshots looked at and whose content differs, that are new or gone. A file whose times alone differ
 * has not changed. A path that only the later snapshot has is new only where the earlier one would have found it.
 */
export function findChanges(before: Snapshot, after: Snapshot): string[] {
  const changed: string[] = [];
  for (const [key, now] of after.files) {
    const old = before.files.get(key);
    if (old === undefined) {
      if (now && wouldHaveFound(before, after, now)) changed.push(key);
    } else if (old && now) {
      if (isChanged(old, now)) changed.push(key);
    } else if (old !== now) changed.push(key);
  }
  return changed;
}

/** Whether the snapshots left files out that the command may have changed. */
export function isPartial(before: Snapshot, after: Snapshot): boolean {
  return !before.isComplete || !after.isComplete || before.listedBy !== after.listedBy;
}

/** Whether the content of a changed path is known to differ: else only its size or times are. */
export function isContentKnown(before: Snapshot, after: Snapshot, key: string): boolean {
  const [old, now] = [before.files.get(key), after.files.get(key)];
  if (!old || !now || old.size !== now.size) return true;
  return old.hash !== null && now.hash !== null;
}

/** When the rules by which files are ignored have changed, an old file may be listed for the first time. */
function wouldHaveFound(before: Snapshot, after: Snapshot, now: FileState): boolean {
  if (isPartial(before, after)) return false;
  return before.rules === after.rules || now.ctimeMs >= before.at;
}

/** Whether the content has to be read to tell if a file has changed. */
export function mayDiffer(old: FileState | null | undefined, now: FileState): boolean {
  return !old?.isSettled || !isSameState(old, now);
}

function isChanged(old: FileState, now: FileState): boolean {
  if (old.hash !== null && now.hash !== null) return old.hash !== now.hash;
  return contentOf({ ...old, hash: null }) !== contentOf({ ...now, hash: null });
}

function isSameState(a: FileState, b: FileState): boolean {
  return a.size === b.size && a.inode === b.inode && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}
