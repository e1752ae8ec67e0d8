import { createHash } from 'node:crypto';
import { nameStamp, readStamp } from '../project/folder-stamp.js';
import { isHeld, readOwnRecord } from '../project/project-identities.js';
import type { PlaceRecord, ProjectRecords } from '../project/project-records.js';
import { identifyProject } from '../project/resolve-project.js';
import { isClone, isOtherHistory, isStillThere } from './compare-histories.js';
import type { Choice } from './identity-types.js';
import type { ProjectStore } from './project-repository.js';
import type { History } from './read-history.js';

export interface ChoiceDeps {
  store: ProjectStore;
  records: ProjectRecords;
  /** In server mode the clones of a team are one project, wherever they are. */
  isShared: boolean;
}

/** A repository as it is found. */
export interface FoundRepository {
  /** The git common directory. */
  root: string;
  /** The folder that `git init` or `git clone` made it in; null where that is not known, as in a linked worktree. */
  mainWorktree: string | null;
  history: History;
}

/** Decides which project a repository belongs to. */
export async function chooseRepositoryProject(deps: ChoiceDeps, repository: FoundRepository): Promise<Choice> {
  const { root, history } = repository;
  const { store, records } = deps;
  const record = readOwnRecord(records, root);
  if (record && !(await hasMovedElsewhere(deps, record, root))) {
    return { id: await store.follow(record.id), twinId: null, isLinked: record.isLinked };
  }
  const copied = records.readRepository(root);
  const found = copied ? null : await findAtPlace(deps, repository);
  const shared = deps.isShared ? await findShared(store, history) : null;
  const own = found?.own ?? null;
  if (own !== null) return { id: own, twinId: shared === own ? null : shared, isLinked: false };
  if (shared !== null) return { id: shared, twinId: null, isLinked: true };
  const clone = copied || deps.isShared ? null : await findClone(deps, root, history);
  if (clone?.own) return { id: clone.own, twinId: clone.twin, isLinked: false };
  const twinId = copied ? await store.follow(copied.id) : (clone?.twin ?? found?.twin ?? null);
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
    const found = records.findFolder(each);
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
  return row !== null && row.root !== record.place && isHeld(records, { place: row.root, id: record.id }, root);
}

/** What was at this place before: this very repository, the folder that it was made in, or another repository. */
async function findAtPlace(
  { store, records }: ChoiceDeps,
  { root, mainWorktree, history }: FoundRepository,
): Promise<{ own: string | null; twin: string | null }> {
  const known = records.findFolder(root);
  if (known?.isSame) return { own: await store.follow(known.record.id), twin: null };
  const folder = mainWorktree === null ? null : records.findFolder(mainWorktree);
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

async function livesElsewhere(
  records: ProjectRecords,
  store: ProjectStore,
  id: string,
  root: string,
): Promise<boolean> {
  const row = await store.byId(id);
  return row !== null && row.root !== root && isHeld(records, { place: row.root, id }, root);
}

/** The project of a team with this history. */
async function findShared(store: ProjectStore, history: History): Promise<string | null> {
  if (history.remote === null) return null;
  const rows = await store.byHistory([], history.remote);
  return rows.find((row) => !isOtherHistory(row, history))?.id ?? null;
}

/** A project that this repository is a clone of: the same one if it is gone, one to ask about if it is there. */
async function findClone(
  { store, records }: ChoiceDeps,
  root: string,
  history: History,
): Promise<{ own: string | null; twin: string | null }> {
  const rows = await store.byHistory(history.rootCommits ?? [], history.remote);
  const related = rows.filter((row) => row.root !== root && !isOtherHistory(row, history));
  const own = related.find((row) => isClone(row, root, history) && !isStillThere(records, row));
  return own ? { own: own.id, twin: null } : { own: null, twin: related[0]?.id ?? null };
}

/** An id that no other project has: two processes that choose one for the same place choose the same. */
async function chooseNewId({ store, isShared }: ChoiceDeps, root: string, history: History): Promise<string> {
  const stamp = readStamp(root);
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
