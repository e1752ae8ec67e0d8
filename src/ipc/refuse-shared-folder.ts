import { lstatSync, statSync } from 'node:fs';
import { AppError } from '../errors.js';
import { makeDataFolder } from './make-data-folder.js';

/** Rights to write of the group and of all others. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Makes a data folder where there is none, private to its user, and refuses one in which others could replace files: what
 * they put there would be taken for the user's memory, and for the verdicts on the agents' edits.
 * @throws AppError `invalid_argument` for such a folder, and for one that can't be made
 */
export function makePrivateFolder(folder: string): void {
  makeDataFolder(folder);
  // Windows keeps rights elsewhere: the mode says nothing there.
  const uid = process.getuid?.();
  if (uid === undefined) return;
  // Of a link both count: its owner can change where it leads, its target's owner what is there.
  for (const { uid: owner, isOpen, what } of describeOwners(folder)) {
    if (owner !== uid) {
      const name = what === 'link' ? 'The link to the data folder' : 'The data folder';
      throw refuse(
        folder,
        `${name} ${folder} belongs to another user (uid ${owner}), who can change what is in it.`,
        uid,
      );
    }
    if (isOpen) throw refuse(folder, `Other users can write to the data folder ${folder}.`, null);
  }
}

interface FolderOwner {
  what: 'link' | 'folder';
  uid: number;
  isOpen: boolean;
}

function describeOwners(folder: string): FolderOwner[] {
  const place = statSync(folder);
  const owners: FolderOwner[] = [
    { what: 'folder', uid: place.uid, isOpen: place.isDirectory() && (place.mode & WRITABLE_BY_OTHERS) !== 0 },
  ];
  const link = lstatSync(folder);
  if (link.isSymbolicLink()) owners.push({ what: 'link', uid: link.uid, isOpen: false });
  return owners;
}

function refuse(folder: string, message: string, uid: number | null): AppError {
  const chmod = uid === null ? `chmod go-w '${folder}'` : `chown -hR ${uid} '${folder}'`;
  return new AppError({
    code: 'invalid_argument',
    message,
    fix: `Look at what is in it, then run: ${chmod}; or set POPSTASH_DATA_DIR to a folder of your own.`,
  });
}
