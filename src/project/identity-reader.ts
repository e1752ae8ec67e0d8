import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, sep } from 'node:path';
import { homeFolder } from '../config.js';
import { realPath } from './find-repository.js';
import { isNoProject, locateProject } from './locate-project.js';
import { type FoundFolder, openProjectRecords, type PlaceRecord, type ProjectRecords } from './project-records.js';
import { identifyProject, type RecordsPlace, type Workplace } from './resolve-project.js';

/** Which project a place belongs to, as far as files of this machine tell. Synchronous: for threads and commands. */
export interface IdentityReader {
  /**
   * The project of a working folder.
   * @param override POPSTASH_PROJECT
   * @param home the home folder of the user whose process works there
   */
  resolve(cwd: string, override: string | undefined, home?: string): Workplace;
  /** The id of the project whose git common directory this is. */
  identify(root: string): string;
  records: ProjectRecords;
}

function openIdentityReader(place: RecordsPlace): IdentityReader {
  const records = openProjectRecords(place);

  function identify(root: string): string {
    const own = readOwnRecord(records, root);
    if (own) return own.id;
    const known = records.findFolder(root) ?? findInitialised(records, root);
    return known?.isSame ? known.record.id : identifyProject(root);
  }

  return {
    records,
    identify,
    resolve(cwd, override, home = homeFolder()) {
      const location = { ...locateProject(cwd, override, home), records: place };
      const { root, isNamed, isRepository, isKnown } = location;
      if (isNamed || !isKnown) return { ...location, id: identifyProject(root) };
      if (isRepository) {
        // A worktree whose repository was moved without it leads nowhere until git has repaired it.
        const lost = existsSync(root) ? null : records.findFolder(location.worktree);
        return { ...location, id: lost?.isSame ? lost.record.id : identify(root) };
      }
      const known = listProjectFolders(root, home).map((folder) => ({ folder, found: records.findFolder(folder) }));
      const nearest = known.find(({ found }) => found !== null);
      if (!nearest?.found) return { ...location, id: identifyProject(root) };
      const { folder, found } = nearest;
      return { ...location, root: folder, worktree: folder, id: found.record.id };
    },
  };
}

const opened = new Map<string, IdentityReader>();

/** The same reader for the same records: the key that proves them is read once. */
export function identityReaderOf(place: RecordsPlace): IdentityReader {
  const name = `${place.store}\n${place.dataDir}`;
  const reader = opened.get(name) ?? openIdentityReader(place);
  opened.set(name, reader);
  return reader;
}

/**
 * The record of a git common directory, where it is its own: written there, or moved there with it. Null where there is
 * none, and in a copy of one that is still there.
 */
export function readOwnRecord(records: ProjectRecords, root: string): PlaceRecord | null {
  const record = records.readRepository(root);
  return record && (record.place === root || !isHeld(records, record, root)) ? record : null;
}

/**
 * Whether another git common directory still belongs to the project.
 * @param root this one: a link may lead from the other place to it
 */
export function isHeld(
  records: ProjectRecords,
  { place, id }: Pick<PlaceRecord, 'place' | 'id'>,
  root: string,
): boolean {
  const there = records.readRepository(place);
  return there?.id === id && there.place === place && realPath(place) !== root;
}

/** What is known of the folder that `git init` made a repository; null for another git common directory. */
function findInitialised(records: ProjectRecords, root: string): FoundFolder | null {
  return basename(root) === '.git' ? records.findFolder(dirname(root)) : null;
}

/**
 * A folder and those above it that may be its project: not the home folder, the folder of temporary files, or what contains
 * them, which hold many projects.
 */
export function listProjectFolders(folder: string, home: string): string[] {
  const shared = [realPath(home), realPath(tmpdir())];
  const folders = [folder];
  for (let above = dirname(folder); !isNoProject(above, home); above = dirname(above)) {
    if (shared.some((one) => one === above || one.startsWith(`${above}${sep}`))) break;
    folders.push(above);
  }
  return folders;
}
