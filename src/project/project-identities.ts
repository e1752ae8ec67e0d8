import { existsSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, sep } from 'node:path';
import { nameDatabasePlace } from '../database-url.js';
import type { Logger } from '../logger.js';
import { realPath } from './find-repository.js';
import { type FoundFolder, openProjectRecords, type PlaceRecord, type ProjectRecords } from './project-records.js';
import { identifyProject, isNoProject, locateProject, type Workplace } from './resolve-project.js';

/** Of which project a place is, as far as files of this machine tell. */
export interface ProjectIdentities {
  /**
   * The project of a working folder. Reads files only, so that hooks and locks need not wait.
   * @param override POPSTASH_PROJECT
   * @param home the home folder of the user whose process works there
   */
  resolve(cwd: string, override: string | undefined, home?: string): Workplace;
  /** The id of the project whose git common directory this is. */
  identify(root: string): string;
  records: ProjectRecords;
}

export interface IdentityPlaces {
  dataDir: string;
  /** Undefined in embedded mode. */
  databaseUrl: string | undefined;
}

/** @param logger is told once of a repository that belongs to another user */
export function openProjectIdentities(
  { dataDir, databaseUrl }: IdentityPlaces,
  logger: Pick<Logger, 'warn'>,
): ProjectIdentities {
  const records = openProjectRecords(dataDir, nameStore(databaseUrl));
  const told = new Set<string>();
  const tellRefused = (worktree: string | null): void => {
    if (worktree === null || told.has(worktree)) return;
    told.add(worktree);
    logger.warn({ folder: worktree }, 'its .git belongs to another user: it is not taken for a repository');
  };

  function identify(root: string): string {
    const own = readOwnRecord(records, root);
    if (own) return own.id;
    const known = records.findFolder(root) ?? findInitialised(records, root);
    return known?.isSame ? known.record.id : identifyProject(root);
  }

  return {
    records,
    identify,
    resolve(cwd, override, home = homedir()) {
      const location = locateProject(cwd, override, home);
      tellRefused(location.refused);
      const { root, isNamed, isRepository, isKnown } = location;
      if (isNamed || !isKnown) return { ...location, id: identifyProject(root), identify };
      if (isRepository) {
        // A worktree whose repository was moved without it leads nowhere until git has repaired it.
        const lost = existsSync(root) ? null : records.findFolder(location.worktree);
        return { ...location, id: lost?.isSame ? lost.record.id : identify(root), identify };
      }
      const known = listProjectFolders(root, home).map((folder) => ({ folder, found: records.findFolder(folder) }));
      const nearest = known.find(({ found }) => found !== null);
      if (!nearest?.found) return { ...location, id: identifyProject(root), identify };
      const { folder, found } = nearest;
      return { ...location, root: folder, worktree: folder, id: found.record.id, identify };
    },
  };
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

/** Ids belong to a database; who asks it, and from where, does not matter. */
function nameStore(databaseUrl: string | undefined): string {
  return (databaseUrl && nameDatabasePlace(databaseUrl)) ?? 'embedded';
}
