import { dirname, isAbsolute, sep } from 'node:path';
import type { Pool } from 'pg';
import { homeFolder } from '../config.js';
import { inTransaction } from '../db/in-transaction.js';
import { runFileTask } from '../files/run-file-task.js';
import { identityTasks } from '../project/identity-tasks.js';
import type { ProjectIdentities } from '../project/project-identities.js';
import { identifyProject, type Workplace } from '../project/resolve-project.js';
import { chooseFolderProject, chooseRepositoryProject } from './choose-project.js';
import { isStillThere } from './compare-histories.js';
import type { ProjectRow, SettledWorkplace } from './identity-types.js';
import { createProjectStore } from './project-repository.js';
import { readHistory } from './read-history.js';
import { summarizeProjects } from './summarize-projects.js';

export interface SettleDeps {
  pool: Pool;
  identities: ProjectIdentities;
  /** In server mode the clones of a team are one project, wherever they are. */
  isShared: boolean;
}

/**
 * Finds out which project a workplace belongs to, and records it beside the repository, in the data folder and in the
 * database. The same answer however often, and from however many processes.
 * @param home the home folder of the user who works there
 * @throws the database's error
 */
export async function settleProject(
  deps: SettleDeps,
  workplace: Workplace,
  home = homeFolder(),
): Promise<SettledWorkplace> {
  const { pool } = deps;
  const store = createProjectStore(pool);
  if (workplace.isNamed || !workplace.isKnown) {
    // A container names a repository by its path on the host (docker/mcp.sh).
    const [named] = isAbsolute(workplace.root) && workplace.isNamed ? await store.byRoots([workplace.root]) : [];
    return {
      workplace: { ...workplace, id: named?.id ?? (await store.follow(workplace.id)) },
      question: null,
      lacksHistory: false,
    };
  }
  // A repository was deleted, or moved without this worktree, which leads nowhere until git has repaired it.
  const isLost = workplace.isRepository && !(await exists(workplace.root));
  if (isLost)
    return { workplace: { ...workplace, id: await store.follow(workplace.id) }, question: null, lacksHistory: false };
  const known = await findSettled(deps, workplace);
  if (known) return await ask(deps, workplace, known);
  const settled = workplace.isRepository
    ? await settleRepository(deps, workplace)
    : await settleFolder(deps, workplace, home);
  const row = await store.byId(settled.id);
  return row ? await ask(deps, settled, row) : { workplace: settled, question: null, lacksHistory: false };
}

async function exists(root: string): Promise<boolean> {
  return (await runFileTask(identityTasks.lookAtRoot, root)).exists;
}

/** The project, where nothing has changed since it was settled. */
async function findSettled(
  { pool, identities }: SettleDeps,
  { root, worktree, isRepository }: Workplace,
): Promise<ProjectRow | null> {
  const { records } = identities;
  const found = isRepository ? null : await records.findFolder(root);
  const record = isRepository ? await records.readRepository(root) : found?.isSame ? found.record : null;
  if (record?.place !== root) return null;
  const row = await createProjectStore(pool).byId(record.id);
  if (!row?.isSettled || row.mergedInto !== null) return null;
  const isWorktreeKnown = !isRepository || (await records.findFolder(worktree))?.record.id === row.id;
  if (!isWorktreeKnown) await records.writeFolder(worktree, row.id, false);
  // Its first commit may have been made since.
  return isRepository && !row.rootCommits?.length ? null : row;
}

async function settleRepository({ pool, identities, isShared }: SettleDeps, workplace: Workplace): Promise<Workplace> {
  const { records } = identities;
  const { root, folder } = workplace;
  const mainWorktree = await runFileTask(identityTasks.findMainWorktree, folder, root);
  const usedFolders = listFoldersBelow(workplace.worktree, folder);
  const history = await readHistory(root);
  return await inTransaction(pool, async (client) => {
    const store = createProjectStore(client);
    await store.lock();
    if (!(await exists(root))) return workplace;
    const former = await records.readOwn(root);
    const { id, twinId, isLinked } = await chooseRepositoryProject(
      { store, records, isShared },
      { root, mainWorktree, usedFolders, history },
    );
    const before = await store.byId(id);
    const isFromElsewhere = isLinked || (isShared && former === null);
    const formerRoot = former?.place ?? (isFromElsewhere ? null : (before?.root ?? null));
    await store.save({ id, root, twinId, ...history }, formerRoot);
    const worktrees = new Set(mainWorktree === null ? [workplace.worktree] : [mainWorktree, workplace.worktree]);
    const places = [root, ...worktrees];
    await store.absorb(places.map(identifyProject), places, id);
    await records.writeRepository(root, id, isLinked);
    await records.writeFolder(root, id);
    // A new folder at the path of a worktree that was removed is another one.
    for (const worktree of worktrees) await records.writeFolder(worktree, id, false);
    return { ...workplace, id };
  });
}

/** A folder and those above it, up to the top one, which is left out. */
function listFoldersBelow(top: string, folder: string): string[] {
  const folders: string[] = [];
  for (let each = folder; each.startsWith(`${top}${sep}`); each = dirname(each)) folders.push(each);
  return folders;
}

async function settleFolder(
  { pool, identities, isShared }: SettleDeps,
  workplace: Workplace,
  home: string,
): Promise<Workplace> {
  const { records } = identities;
  const { folder } = workplace;
  return await inTransaction(pool, async (client) => {
    const store = createProjectStore(client);
    await store.lock();
    const folders = await runFileTask(identityTasks.listFolders, folder, home);
    const { id, root } = await chooseFolderProject({ store, records, isShared }, folders);
    const former = (await records.findFolder(root))?.record.place ?? null;
    await store.save({ id, root, twinId: null, rootCommits: null, remote: null }, former);
    const places = [...new Set([root, folder])];
    await store.absorb(places.map(identifyProject), places, id);
    await records.writeFolder(root, id);
    return { ...workplace, id, root, worktree: root };
  });
}

/** Adds what a person is asked about the project. */
async function ask({ pool, identities }: SettleDeps, workplace: Workplace, row: ProjectRow): Promise<SettledWorkplace> {
  const settled = { ...workplace, id: row.id };
  const lacksHistory = workplace.isRepository && !row.rootCommits?.length;
  if (row.twinId === null || row.twinId === row.id) return { workplace: settled, question: null, lacksHistory };
  const [twin] = await summarizeProjects(pool, [row.twinId]);
  if (!twin) return { workplace: settled, question: null, lacksHistory };
  return {
    workplace: settled,
    question: { project: row.id, twin, isThere: await isStillThere(identities.records, twin) },
    lacksHistory,
  };
}
