import { basename, dirname, isAbsolute } from 'node:path';
import type { Pool } from 'pg';
import { inTransaction } from '../db/in-transaction.js';
import { runFileTask } from '../files/run-file-task.js';
import { identityTasks } from '../project/identity-tasks.js';
import type { ProjectIdentities, RecordsAccess } from '../project/project-identities.js';
import type { Workplace } from '../project/resolve-project.js';
import { createProjectFinder } from './find-project.js';
import { areOne, isInUse, isTaken, nothingAsked } from './identity-errors.js';
import type { ProjectRow, ProjectSummary, SettledWorkplace } from './identity-types.js';
import { createProjectStore } from './project-repository.js';
import { type MemberFolder, settleMember } from './settle-member.js';
import { settleProject } from './settle-project.js';
import { summarizeProjects } from './summarize-projects.js';

export interface IdentityDeps {
  pool: Pool;
  identities: ProjectIdentities;
  /** In server mode the clones of a team are one project, wherever they are. */
  isShared: boolean;
}

/** A project and where it is known from. */
export interface ProjectDetails {
  project: ProjectSummary;
  /** Of the history that clones are known by. */
  rootCommits: string[];
  remote: string | null;
  twin: ProjectSummary | null;
}

/** One project moved to another. */
export interface JoinedProjects {
  from: string;
  into: ProjectSummary;
  /** Memories that were moved. */
  memories: number;
}

export type IdentityService = ReturnType<typeof createIdentityService>;

/** Which project a place belongs to, and what people decide about projects. */
export function createIdentityService(deps: IdentityDeps) {
  const { pool, identities } = deps;
  const store = createProjectStore(pool);
  const { find, summarize } = createProjectFinder(pool, identities);

  async function join(
    from: ProjectRow,
    into: ProjectRow,
    atPlace: (id: string) => Promise<void>,
  ): Promise<JoinedProjects> {
    if (from.id === into.id) throw areOne(into);
    const memories = await inTransaction(pool, async (client) => {
      const inside = createProjectStore(client);
      await inside.lock();
      const moved = await inside.move(from.id, into.id);
      await atPlace(into.id);
      return moved;
    });
    return { from: from.id, into: await summarize(into.id), memories };
  }

  return {
    /** @param home the home folder of the user who works there */
    settle: (workplace: Workplace, home?: string): Promise<SettledWorkplace> => settleProject(deps, workplace, home),

    /** The project of a place on a member's machine. @returns its id */
    settleMember: (folder: MemberFolder): Promise<string> => settleMember(pool, folder),

    /** Projects that have memories, agents or costs, the one that was active last first. */
    async list(): Promise<ProjectSummary[]> {
      const summaries = await summarizeProjects(pool, null);
      return summaries.filter(
        ({ memories, agents, requests, lastActive }) => memories + agents + requests > 0 || lastActive,
      );
    },

    async show(own: Workplace, name: string | null): Promise<ProjectDetails> {
      const row = await find(own, name);
      return {
        project: await summarize(row.id),
        rootCommits: row.rootCommits ?? [],
        remote: row.remote,
        twin: row.twinId === null ? null : ((await summarizeProjects(pool, [row.twinId]))[0] ?? null),
      };
    },

    /**
     * Joins the caller's project to another one: all that it has moves there, and this place belongs to it from now on.
     * @param name of the other project; by default the one that is asked about
     */
    async link(own: Workplace, name: string | null): Promise<JoinedProjects> {
      const from = await find(own, null);
      if (name === null && from.twinId === null) throw nothingAsked();
      const into = await find(own, name ?? from.twinId);
      return await join(from, into, async (id) => {
        if (!own.isNamed) await recordLink(identities.records, own.root, id);
      });
    },

    /** Answers what is asked about the caller's project: the two stay two. */
    async separate(own: Workplace): Promise<ProjectSummary> {
      const row = await find(own, null);
      await store.separate(row.id);
      return await summarize(row.id);
    },

    /** Moves all of one project to another; the place of the former belongs to it from now on. */
    async merge(own: Workplace, from: string, into: string): Promise<JoinedProjects> {
      const former = await find(own, from);
      return await join(former, await find(own, into), (id) => recordLink(identities.records, former.root, id));
    },

    /** Gives a project a name that people read and commands take. @param title null takes it away */
    async rename(own: Workplace, name: string | null, title: string | null): Promise<ProjectSummary> {
      const row = await find(own, name);
      const taken = title === null ? [] : await store.byName(title);
      if (taken.some(({ id }) => id !== row.id)) throw isTaken(title ?? '');
      await store.rename(row.id, title);
      return await summarize(row.id);
    },

    /** Deletes all that a project has stored, for good; its costs stay. */
    async forget(own: Workplace, name: string): Promise<{ project: ProjectSummary; memories: number }> {
      const row = await find(own, name);
      const project = await summarize(row.id);
      const memories = await inTransaction(pool, async (client) => {
        const inside = createProjectStore(client);
        await inside.lock();
        return await inside.forget(row.id);
      });
      if (memories === null) throw isInUse(project);
      return { project, memories };
    },
  };
}

/** Where another project lives too. A name, and a place on another machine, are none here. */
async function recordLink(records: RecordsAccess, root: string, id: string): Promise<void> {
  if (!isAbsolute(root)) return;
  const { exists, isGitDirectory } = await runFileTask(identityTasks.lookAtRoot, root);
  if (!exists) return;
  if (isGitDirectory) await records.writeRepository(root, id, true);
  await records.writeFolder(root, id);
  if (basename(root) === '.git') await records.writeFolder(dirname(root), id, false);
}
