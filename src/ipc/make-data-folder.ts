import { AppError } from '../errors.js';
import { makeFolders } from '../make-folders.js';

/** What keeps a folder from being made, in words that follow its path, and what to do. */
const FAULTS: Readonly<Record<string, readonly [what: string, fix: string]>> = {
  EEXIST: ['is a file, not a folder', 'Name a folder'],
  ENOTDIR: ['can not be a folder: a part of its path is a file', 'Name another folder'],
  EACCES: ['can not be made or used: this user may not write there', 'Allow it'],
  EPERM: ['can not be made or used: this user may not write there', 'Allow it'],
  EROFS: ['can not be made: its disk can only be read', 'Name a folder on another disk'],
  ENOENT: ['can not be made: nothing can be written there', 'Name another folder'],
  ENOSPC: ['can not be made: its disk is full', 'Free some space'],
  EDQUOT: ["can not be made: this user's share of the disk is used up", 'Free some space'],
  ENAMETOOLONG: ['can not be made: its path is too long', 'Name a shorter one'],
  ELOOP: ['can not be made: its path has links that lead in a circle', 'Name another folder'],
};

/**
 * Makes a data folder, or a folder in it, where there is none, with what is missing above it.
 * @throws AppError `invalid_argument` naming the folder and what to do
 */
export function makeDataFolder(folder: string): void {
  try {
    makeFolders(folder);
  } catch (error) {
    throw describeFolderFault(folder, error);
  }
}

/** What a person does about a folder that can't be made, read or written; any other error as it is. */
export function describeFolderFault(folder: string, error: unknown): unknown {
  const [what, fix] = FAULTS[(error as NodeJS.ErrnoException).code ?? ''] ?? [];
  if (what === undefined) return error;
  return new AppError({
    code: 'invalid_argument',
    message: `The data folder ${folder} ${what}.`,
    fix: `${fix}, or set POPSTASH_DATA_DIR to a folder of your own.`,
    cause: error,
  });
}
