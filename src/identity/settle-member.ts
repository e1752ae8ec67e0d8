import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { inTransaction } from '../db/in-transaction.js';
import type { Workplace } from '../project/resolve-project.js';
import { isOtherHistory } from './compare-histories.js';
import { createProjectStore } from './project-repository.js';
import type { History } from './read-history.js';

/** A place on a member's machine, as a process there has found it. */
export interface MemberFolder {
  place: Pick<Workplace, 'id' | 'root' | 'isKnown' | 'isNamed' | 'isRepository'>;
  /** Null for what is no repository. */
  history: History | null;
  /** The id is recorded there: a server has said it before. Else it follows from the path alone. */
  isRecorded: boolean;
  /** The machine, and whose it is: paths mean nothing elsewhere. */
  host: string;
  memberId: string;
}

/**
 * The project that a place on a member's machine belongs to. Clones of a team are one project: they are known by a common first
 * commit and the same remote. Nothing is looked at here.
 * @throws the database's error
 */
export async function settleMember(pool: Pool, folder: MemberFolder): Promise<string> {
  const { place, history, isRecorded } = folder;
  const store = createProjectStore(pool);
  if (place.isNamed || !place.isKnown) return await store.follow(place.id);
  if (isRecorded) {
    const id = await store.follow(place.id);
    const row = await store.byId(id);
    // Its first commit may have been made since.
    if (row?.isSettled && (history === null || row.rootCommits?.length)) return id;
  }
  return await inTransaction(pool, async (client) => {
    const inside = createProjectStore(client);
    await inside.lock();
    const related =
      history === null || history.remote === null
        ? undefined
        : (await inside.byHistory([], history.remote)).find((row) => !isOtherHistory(row, history));
    const id = isRecorded ? await inside.follow(place.id) : (related?.id ?? chooseId(folder));
    const { rootCommits = null, remote = null } = history ?? {};
    await inside.save({ id, root: `${folder.host}:${place.root}`, twinId: null, rootCommits, remote }, null);
    return id;
  });
}

/** The same for each clone, as a front that reads the repository itself chooses it; without a remote, for this place alone. */
function chooseId({ place, history, host, memberId }: MemberFolder): string {
  const [commit = ''] = history?.rootCommits ?? [];
  const name = history?.remote
    ? `history\n${commit}\n${history.remote}`
    : `member\n${memberId}\n${host}\n${place.root}`;
  return `proj_${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}
