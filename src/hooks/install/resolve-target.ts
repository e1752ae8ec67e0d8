import { isUtf8 } from 'node:buffer';
import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { readForeignBytes } from '../../files/read-foreign-file.js';
import { isInside } from '../guards/git-folders.js';

/** Folders that init may write into. Those of one list belong together: a link from one to the other is followed. */
export type AllowedFolders = readonly (readonly string[])[];

/** Where a target really is. */
export interface ResolvedTarget {
  /** The path without links: what is read and written. */
  real: string;
  /** A link of the user leads there. */
  isLinked: boolean;
}

/** Links that lead to links. */
const MAX_LINKS = 40;
/** Why a file in Latin-1, in UTF-16 or of no text is left alone. */
export const NO_TEXT = 'it is no text in UTF-8, and written again it would not be the same';
/** Settings and rules are a few kilobytes. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Follows the links on the way to a file that init writes, as long as they stay in the folder that the file is meant for.
 * @param replacesLink a link in the file's own place is not followed
 * @throws Error that says where it leads, for people to read
 */
export function resolveTarget(path: string, allowed: AllowedFolders, replacesLink: boolean): ResolvedTarget {
  const group = allowed.find((folders) => folders.some((folder) => isInside(path, folder))) ?? [dirname(path)];
  const meant = group.find((folder) => isInside(path, folder)) ?? dirname(path);
  const real = replacesLink ? join(follow(dirname(path)), basename(path)) : follow(path);
  if (!group.some((folder) => isInside(real, follow(folder)))) {
    throw new Error(
      `it leads to ${real}, which is outside of ${meant}. Put a file or folder in the place of the link, or write there by hand`,
    );
  }
  return { real, isLinked: real !== join(follow(meant), relative(meant, path)) };
}

/** A path without links, also where its end does not exist yet. @throws Error for links that go in a circle */
function follow(path: string, links = 0): string {
  if (links > MAX_LINKS) throw new Error('its links lead in a circle');
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isSymbolicLink()) return follow(resolve(follow(dirname(path), links), readlinkSync(path)), links + 1);
  if (stats) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(follow(parent, links), basename(path));
}

/**
 * The text of a file that init changes; null where there is none.
 * @param real a path without links
 * @throws Error for what can't be read: it would be written over
 */
export function readTarget(real: string): string | null {
  const stats = lstatSync(real, { throwIfNoEntry: false });
  if (!stats) return null;
  if (!stats.isFile()) throw new Error('it is no regular file');
  const bytes = readForeignBytes(real, MAX_BYTES);
  if (bytes === null) throw new Error("it can't be read, or is too large");
  if (!isText(bytes)) throw new Error(NO_TEXT);
  return bytes.toString('utf8');
}

/** Whether a file is there that is no text in UTF-8: written again, it would not be the same. */
export function isForeignEncoding(path: string): boolean {
  const bytes = readForeignBytes(path, MAX_BYTES);
  return bytes !== null && !isText(bytes);
}

/** UTF-16 without a mark has zero bytes. */
function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}

/** Whether the file has another name, which would change with it. */
export function hasOtherName(real: string): boolean {
  const stats = lstatSync(real, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.nlink > 1;
}
