import { createHash } from 'node:crypto';
import { runFileTask } from '../files/run-file-task.js';
import { nameStamp } from '../project/folder-stamp.js';
import { identityTasks } from '../project/identity-tasks.js';
import type { RecordsAccess } from '../project/project-identities.js';
import type { PlaceRecord } from '../project/project-records.js';
import { identifyProject } from '../project/resolve-project.js';
import { isClone, isOtherHistory, isStillThere } from './compare-histories.js';
import type { Choice, ProjectRow } from './identity-types.js';
import type { ProjectStore } from './project-repository.js';
import type { History } from './read-history.js';

export interface ChoiceDeps {
  store: ProjectStore;
  records: RecordsAccess;
  /** In server mode the clones of a team are one project, wherever they are. */
  isShared: boolean;
}

/** A repository as it is found. */
export interface FoundRepository {
  /** The git common directory. */
  root: string;
  /** The folder that `git init` or `git clone` made it in; null where that is not known, as in a linked worktree. */
  mainWorktree: string | null;
  /** Folders of it, from that in which the agent works upwards, without the top one. */
  usedFolders: readonly string[];
  history: History;
}

/** Decides which project a repository belongs to. */
export async function chooseRepositoryProject(deps: ChoiceDeps, repository: FoundRepository): Promise<Choice> {
  const { root, history } = repository;
  const { store, records } = deps;
  const record = await records.readOwn(root);
  if (record && !(await hasMovedElsewhere(deps, record, root))) {
    return { id: await store.follow(record.id), twinId: null, isLinked: record.isLinked };
  }
  const copied = await records.readRepository(root);
  const found = copied ? null : await findAtPlace(deps, repository);
  const related = await findRelated(deps, root, history);
  if (found?.own) {
    const isTeams = deps.isShared && related.own !== found.own;
    return { id: found.own, twinId: isTeams ? related.own : null, isLinked: false };
  }
  if (related.own !== null && (deps.isShared || !copied)) {
    return { id: related.own, twinId: null, isLinked: deps.isShared };
  }
  const within = copied ? null : await findUsedFolder(deps, repository.usedFolders);
  if (within !== null) return { id: within, twinId: related.twin, isLinked: false };
  const twinId = copied ? await store.follow(copied.id) : (related.twin ?? found?.twin ?? null);
  return { id: await chooseNewId(deps, root, history), twinId, isLinked: false };
}

/** Decides which project a plain folder belongs to. @param folders it and those above it, the nearest first */
export async function chooseFolderProject(
  deps: ChoiceDeps,
  folders: readonly string[],
): Promise<{ id: string; root: string }> {
  const { store, records } = deps;
  const [folder = ''] = folders;
  const rows = new Map((await store.byRoots(folders)).map((row) => [row.root, row]));
  for (const each of folders) {
    const found = await records.findFolder(each);
    if (found) return { id: await store.follow(found.record.id), root: each };
    const row = rows.get(each);
    // From before there were records. One that has moved has another root by now.
    if (row) return { id: row.id, root: each };
  }
  return { id: await chooseNewId(deps, folder, NO_HISTORY), root: folder };
}

const NO_HISTORY: History = { rootCommits: null, remote: null };

/** Of several copies of a repository that is gone, the first one that was used goes on as it. */
async function hasMovedElsewhere({ store, records, isShared }: ChoiceDeps, record: PlaceRecord, root: string) {
  if (record.place === root || record.isLinked || isShared) return false;
  const row = await store.byId(record.id);
  return row !== null && row.root !== record.place && (await records.isHeld({ place: row.root, id: record.id }, root));
}

/** What was at this place before: this very repository, the folder that it was made in, or another repository. */
async function findAtPlace(
  { store, records }: ChoiceDeps,
  { root, mainWorktree, history }: FoundRepository,
): Promise<{ own: string | null; twin: string | null }> {
  const known = await records.findFolder(root);
  if (known?.isSame) return { own: await store.follow(known.record.id), twin: null };
  const folder = mainWorktree === null ? null : await records.findFolder(mainWorktree);
  if (folder?.isSame && !(await livesElsewhere(records, store, folder.record.id, root))) {
    return { own: await store.follow(folder.record.id), twin: null };
  }
  for (const row of await store.byRoots([root, ...(mainWorktree === null ? [] : [mainWorktree])])) {
    const isReplaced = row.root === root ? known !== null : folder !== null;
    const isSameHistory = row.rootCommits?.some((commit) => history.rootCommits?.includes(commit)) ?? false;
    if (isOtherHistory(row, history) || (isReplaced && !isSameHistory)) return { own: null, twin: row.id };
    return { own: row.id, twin: null };
  }
  return { own: null, twin: null };
}

async function livesElsewhere(records: RecordsAccess, store: ProjectStore, id: string, root: string): Promise<boolean> {
  const row = await store.byId(id);
  return row !== null && row.root !== root && (await records.isHeld({ place: row.root, id }, root));
}

/**
 * Projects of this history. In server mode the team's is the same one, wherever its clones are. In embedded mode one whose
 * place is gone is; one that is there is asked about.
 */
async function findRelated(
  { store, records, isShared }: ChoiceDeps,
  root: string,
  history: History,
): Promise<{ own: string | null; twin: string | null }> {
  // A team's projects may share a first commit, as forks do, and still be several.
  const commits = isShared ? [] : (history.rootCommits ?? []);
  const rows = (await store.byHistory(commits, history.remote)).filter((row) => isShared || row.root !== root);
  const isOwn = async (row: ProjectRow) =>
    isShared ? !isOtherHistory(row, history) : isClone(row, root, history) && !(await isStillThere(records, row));
  for (const row of rows) if (await isOwn(row)) return { own: row.id, twin: null };
  // One that is itself asked about is a copy: the original, which has the memory, is named.
  return { own: null, twin: (rows.find(({ twinId }) => twinId === null) ?? rows[0])?.id ?? null };
}

/** A plain folder in which agents worked before a folder above it became a repository. */
async function findUsedFolder({ store, records }: ChoiceDeps, folders: readonly string[]): Promise<string | null> {
  for (const folder of folders) {
    const found = await records.findFolder(folder);
    const row = found?.isSame ? await store.byId(await store.follow(found.record.id)) : null;
    if (row?.root === folder) return row.id;
  }
  return (await store.byRoots(folders))[0]?.id ?? null;
}

/** An id that no other project has: two processes that choose one for the same place choose the same. */
async function chooseNewId({ store, isShared }: ChoiceDeps, root: string, history: History): Promise<string> {
  const stamp = await runFileTask(identityTasks.readStamp, root);
  const names = [root, `${root}\n${stamp ? nameStamp(stamp) : ''}`];
  const [commit] = history.rootCommits ?? [];
  if (isShared && history.remote !== null) names.unshift(`history\n${commit ?? ''}\n${history.remote}`);
  for (let attempt = 0; ; attempt += 1) {
    const name = names[attempt] ?? `${names.at(-1)}\n${attempt}`;
    const id =
      name === root ? identifyProject(root) : `proj_${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
    const row = await store.byId(id);
    if (!row || (row.root === root && !row.isSettled && row.mergedInto === null)) return id;
  }
}
