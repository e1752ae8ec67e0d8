import { isAbsolute } from 'node:path';
import type { Pool } from 'pg';
import { runFileTask } from '../files/run-file-task.js';
import { identityTasks } from '../project/identity-tasks.js';
import type { ProjectIdentities } from '../project/project-identities.js';
import type { Workplace } from '../project/resolve-project.js';
import { isAmbiguous, notFound } from './identity-errors.js';
import type { ProjectRow, ProjectSummary } from './identity-types.js';
import { createProjectStore } from './project-repository.js';
import { summarizeProjects } from './summarize-projects.js';

export interface ProjectFinder {
  /**
   * @param name an id, a name that a person gave, or a path; the caller's own project by default
   * @throws AppError `not_found`, or `conflict` for a name that several have
   */
  find(own: Workplace, name: string | null): Promise<ProjectRow>;
  summarize(id: string): Promise<ProjectSummary>;
}

/** Finds the project that a person names. */
export function createProjectFinder(pool: Pool, identities: Pick<ProjectIdentities, 'resolve'>): ProjectFinder {
  const store = createProjectStore(pool);

  async function summarize(id: string): Promise<ProjectSummary> {
    const [summary] = await summarizeProjects(pool, [id]);
    if (!summary) throw notFound(id);
    return summary;
  }

  async function find(own: Workplace, name: string | null): Promise<ProjectRow> {
    const id = name === null ? own.id : await identify(name);
    const row = await store.byId(await store.follow(id));
    if (!row) throw notFound(name ?? id);
    return row;
  }

  async function identify(name: string): Promise<string> {
    if (await store.byId(name)) return name;
    const named = await store.byName(name);
    if (named.length > 1) throw isAmbiguous(name, named);
    if (named[0]) return named[0].id;
    const isThere = isAbsolute(name) && (await runFileTask(identityTasks.lookAtRoot, name)).exists;
    if (isThere) return (await identities.resolve(name, undefined)).id;
    throw notFound(name);
  }

  return { find, summarize };
}
