import { nameDatabasePlace } from '../database-url.js';
import { runFileTask } from '../files/run-file-task.js';
import type { Logger } from '../logger.js';
import { maskSecrets } from '../text/mask-secrets.js';
import { identityTasks } from './identity-tasks.js';
import type { FoundFolder, PlaceRecord } from './project-records.js';
import { identifyProject, type RecordsPlace, type Workplace } from './resolve-project.js';

/**
 * Of which project a place is, as far as files of this machine tell. No database is asked, so that hooks and locks need not
 * wait for one. Each rejects with `timeout` when the files do not answer.
 */
export interface ProjectIdentities {
  /**
   * The project of a working folder.
   * @param override POPSTASH_PROJECT
   * @param home the home folder of the user whose process works there
   */
  resolve(cwd: string, override: string | undefined, home?: string): Promise<Workplace>;
  /** Stands for a working folder until its files have been looked at. */
  guess(cwd: string, override: string | undefined): Workplace;
  /** The id of the project whose git common directory this is. */
  identify(root: string): Promise<string>;
  records: RecordsAccess;
}

/** Records of projects, as src/project/project-records.ts keeps them. */
export interface RecordsAccess {
  /** The record of a git common directory, where it is its own (`readOwnRecord`). */
  readOwn(root: string): Promise<PlaceRecord | null>;
  /** Whether another git common directory still belongs to the project (`isHeld`). */
  isHeld(there: { place: string; id: string }, root: string): Promise<boolean>;
  readRepository(root: string): Promise<PlaceRecord | null>;
  findFolder(path: string): Promise<FoundFolder | null>;
  writeRepository(root: string, id: string, isLinked: boolean): Promise<void>;
  writeFolder(path: string, id: string, ownsPath?: boolean): Promise<void>;
}

export interface IdentityPlaces {
  dataDir: string;
  /** Undefined in embedded mode. */
  databaseUrl: string | undefined;
}

/** @param logger is told once of a repository that belongs to another user */
export function openProjectIdentities(places: IdentityPlaces, logger: Pick<Logger, 'warn'>): ProjectIdentities {
  const place = chooseRecords(places);
  const told = new Set<string>();
  const tellRefused = (worktree: string | null): void => {
    if (worktree === null || told.has(worktree)) return;
    told.add(worktree);
    logger.warn({ folder: worktree }, 'its .git belongs to another user: it is not taken for a repository');
  };

  return {
    async resolve(cwd, override, home) {
      const workplace = await runFileTask(identityTasks.resolve, cwd, place, nameProject(override), home);
      tellRefused(workplace.refused);
      return workplace;
    },
    guess(cwd, override) {
      const root = nameProject(override) ?? cwd;
      return {
        ...{ id: identifyProject(root), root, worktree: cwd, folder: cwd, records: place },
        ...{ isKnown: true, isNamed: override !== undefined, isRepository: false, refused: null },
      };
    },
    identify: (root) => runFileTask(identityTasks.identify, root, place),
    records: {
      readOwn: (root) => runFileTask(identityTasks.readOwn, root, place),
      isHeld: (there, root) => runFileTask(identityTasks.isHeld, there.place, place, there.id, root),
      readRepository: (root) => runFileTask(identityTasks.readRepository, root, place),
      findFolder: (path) => runFileTask(identityTasks.findFolder, path, place),
      writeRepository: (root, id, isLinked) => runFileTask(identityTasks.writeRepository, root, place, id, isLinked),
      writeFolder: (path, id, ownsPath) => runFileTask(identityTasks.writeFolder, path, place, id, ownsPath),
    },
  };
}

/** A secret in the name that is given, as of a repository's address, is no part of it. */
function nameProject(override: string | undefined): string | undefined {
  return override === undefined ? undefined : maskSecrets(override);
}

/** Ids belong to a database; who asks it, and from where, does not matter. */
function chooseRecords({ dataDir, databaseUrl }: IdentityPlaces): RecordsPlace {
  return { dataDir, store: (databaseUrl && nameDatabasePlace(databaseUrl)) ?? 'embedded' };
}

const asked = new Map<string, Promise<string | null>>();

/**
 * The branch of a worktree as its file says; null where it does not, or does not answer. Those who ask for one at the same
 * time share the answer: a list of locks names few worktrees.
 */
export function findBranch(worktree: string): Promise<string | null> {
  const known = asked.get(worktree);
  if (known !== undefined) return known;
  const branch = runFileTask(identityTasks.readBranch, worktree)
    .catch(() => null)
    .finally(() => asked.delete(worktree));
  asked.set(worktree, branch);
  return branch;
}
