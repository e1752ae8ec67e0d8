import { chmodSync, lstatSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { replaceFile } from '../../files/write-new-file.js';
import { readOrNull } from './read-or-null.js';
import { hasOtherName } from './resolve-target.js';

/** What no text file begins with: marks the target of a symbolic link that replaces a file's text. */
const LINK = '\0link:';

/** A file's text, or its target marked as one when it is a symbolic link; null when nothing is there. */
export function readEntry(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? `${LINK}${readlinkSync(path)}` : readOrNull(path);
  } catch {
    return null;
  }
}

/** Writes what `readEntry` gave, or a text. A link is replaced: what it leads to may be another's. */
export function writeEntry(path: string, entry: string): void {
  if (linkTarget(entry) !== null || isLink(path)) rmSync(path, { force: true });
  const target = linkTarget(entry);
  if (target === null) writeText(path, entry);
  else symlinkSync(target, path);
}

/** Writes a file. One that has another name is replaced: the other one stays as it is. @param real a path without links */
export function writeText(real: string, text: string): void {
  if (!hasOtherName(real)) {
    writeFileSync(real, text);
    return;
  }
  const { mode } = statSync(real);
  replaceFile(real, text);
  chmodSync(real, mode);
}

/** Where an entry that is a link leads to; null when it is a text. */
export function linkTarget(entry: string): string | null {
  return entry.startsWith(LINK) ? entry.slice(LINK.length) : null;
}

/** The entry of a link to this target. */
export function linkEntry(target: string): string {
  return `${LINK}${target}`;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
