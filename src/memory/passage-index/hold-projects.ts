import type { Pool } from 'pg';
import type { Signals } from '../../db/signal-types.js';
import type { Logger } from '../../logger.js';
import type { HeldProjects } from '../search/search-types.js';
import { followChangeLog } from './change-log.js';
import { followChanges } from './follow-changes.js';
import { createProjectCache } from './project-cache.js';
import { createProjectIndex } from './project-index.js';
import { readPage } from './read-passages.js';
import { searchHeldProject } from './search-held-project.js';

export interface PassageHolder extends HeldProjects {
  /** Resolves when no project is being read. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface HolderDeps {
  pool: Pool;
  signals: Pick<Signals, 'on'>;
  logger: Logger;
  /** In all projects together; tests lower it. */
  maxPassages?: number;
}

/**
 * Keeps the passages of projects that are searched in memory, as the rows say: each search first takes what has changed.
 * For the embedded database, whose one session notes the changes (see change-log.ts). A project is read in the background
 * at its first search, some passages a statement; until then, and when it is too large, it is searched by SQL.
 */
export function holdProjects({ pool, signals, logger, maxPassages }: HolderDeps): PassageHolder {
  const log = followChangeLog(pool, signals);
  const projects = createProjectCache(maxPassages);
  /** Projects that have no room, until the process ends. */
  const tooLarge = new Set<string>();
  const reading = new Map<string, Promise<void>>();
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  /** One after another, so that what was read later is also applied later. */
  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  }

  async function readProject(projectId: string): Promise<void> {
    const started = performance.now();
    const index = createProjectIndex(projectId);
    projects.add(index);
    for (let after: number | null = 0; after !== null; ) {
      const from: number = after;
      after = await inOrder(async () => {
        // Changes that could not be followed have dropped it: a later search begins again.
        if (closed || !projects.has(index)) return null;
        const page = await readPage(pool, projectId, from);
        for (const row of page.rows) index.put(row);
        index.isWhole = page.last === null;
        return page.last;
      });
      if (projects.has(index) && !projects.makeRoom(index)) {
        tooLarge.add(projectId);
        return;
      }
    }
    logger.debug({ projectId, passages: index.totals.passages, ms: performance.now() - started }, 'passages in memory');
  }

  function read(projectId: string): void {
    if (closed || reading.has(projectId) || tooLarge.has(projectId)) return;
    const done = readProject(projectId)
      .catch((error: unknown) => {
        projects.remove(projectId);
        logger.debug({ err: error, projectId }, 'passages could not be read into memory');
      })
      .finally(() => reading.delete(projectId));
    reading.set(projectId, done);
  }

  return {
    async open(projectId) {
      try {
        return await inOrder(async () => {
          await followChanges(pool, log, projects);
          const index = projects.find(projectId);
          if (!index) read(projectId);
          return index && searchHeldProject(pool, index);
        });
      } catch (error) {
        logger.debug({ err: error }, 'changed passages could not be read');
        return null;
      }
    },
    async settled() {
      await Promise.all(reading.values());
    },
    async close() {
      closed = true;
      log.close();
      await Promise.all(reading.values());
    },
  };
}
