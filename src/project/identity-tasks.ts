import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { defineFileTask } from '../files/file-task.js';
import { findRepository, isGitDirectory, readBranch, realPath } from './find-repository.js';
import { identityReaderOf, isHeld, listProjectFolders, readOwnRecord } from './identity-reader.js';
import { readStamp } from './read-stamp.js';
import type { RecordsPlace } from './resolve-project.js';

const records = (place: RecordsPlace) => identityReaderOf(place).records;

/** What is at the place of a project. */
export interface RootState {
  exists: boolean;
  isGitDirectory: boolean;
}

function lookAtRoot(root: string): RootState {
  return { exists: existsSync(root), isGitDirectory: isGitDirectory(root) };
}

/**
 * The folder that `git init` or `git clone` made a repository in; null where that is not known, as in a linked worktree.
 * @param folder in which an agent works
 * @param root the git common directory
 */
function findMainWorktree(folder: string, root: string): string | null {
  const found = findRepository(folder);
  if (found !== null && realPath(found.gitDir) === root) return found.worktree;
  return basename(root) === '.git' ? dirname(root) : null;
}

/** The work on files that finding a project takes; project-identities.ts has it done. */
export const identityTasks = {
  resolve: defineFileTask(
    'resolve',
    (cwd, place: RecordsPlace, override: string | undefined, home: string | undefined) =>
      identityReaderOf(place).resolve(cwd, override, home),
  ),
  identify: defineFileTask('identify', (root, place: RecordsPlace) => identityReaderOf(place).identify(root)),
  readOwn: defineFileTask('read-own-record', (root, place: RecordsPlace) => readOwnRecord(records(place), root)),
  isHeld: defineFileTask('is-held', (there, place: RecordsPlace, id: string, root: string) =>
    isHeld(records(place), { place: there, id }, root),
  ),
  readRepository: defineFileTask('read-repository-record', (root, place: RecordsPlace) =>
    records(place).readRepository(root),
  ),
  findFolder: defineFileTask('find-folder-record', (path, place: RecordsPlace) => records(place).findFolder(path)),
  writeRepository: defineFileTask(
    'write-repository-record',
    (root, place: RecordsPlace, id: string, isLinked: boolean) => records(place).writeRepository(root, id, isLinked),
  ),
  writeFolder: defineFileTask('write-folder-record', (path, place: RecordsPlace, id: string, ownsPath?: boolean) =>
    records(place).writeFolder(path, id, ownsPath),
  ),
  listFolders: defineFileTask('list-project-folders', (folder, home: string) => listProjectFolders(folder, home)),
  findMainWorktree: defineFileTask('find-main-worktree', findMainWorktree),
  lookAtRoot: defineFileTask('look-at-root', lookAtRoot),
  readStamp: defineFileTask('read-stamp', readStamp),
  readBranch: defineFileTask('read-branch', readBranch),
  realPath: defineFileTask('real-path', realPath),
};
