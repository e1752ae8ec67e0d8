import { hostname } from 'node:os';
import type { MemberPlaceFacts } from '../http/member-protocol.js';
import { readHistory } from '../identity/read-history.js';
import { findBranch, type ProjectIdentities } from '../project/project-identities.js';
import type { Workplace } from '../project/resolve-project.js';
import type { SharedPlaces } from './shared-places.js';
import type { TeamClient } from './team-client.js';

export interface PlaceSettler {
  /** Where a process works, with the project that the team knows it by. @throws AppError while the server is away */
  settle(cwd: string, project: string | undefined): Promise<Workplace>;
  /** The project that a repository elsewhere on this machine belongs to. */
  settleRoot(worktree: string): Promise<string>;
}

/**
 * Finds the project of places of this machine: its files say which repository, the team's server which project that is. What it
 * said is recorded here, as a server that has the files records it. Asked once for each root in the life of a process.
 */
export function createPlaceSettler(
  identities: ProjectIdentities,
  team: Pick<TeamClient, 'settle'>,
  shared: SharedPlaces,
): PlaceSettler {
  const known = new Map<string, Promise<string>>();

  async function ask(place: Workplace): Promise<string> {
    const { records } = identities;
    const { root, worktree, isRepository } = place;
    const record = isRepository ? await records.readOwn(root) : ((await records.findFolder(root))?.record ?? null);
    const isRecorded = record?.id === place.id;
    const history = isRepository ? await readHistory(root) : null;
    const id = await team.settle({ place: await describePlace(place), history, isRecorded, host: hostname() });
    if (place.isNamed || !place.isKnown || (isRecorded && id === place.id)) return id;
    if (isRepository) await records.writeRepository(root, id, true);
    await records.writeFolder(root, id);
    if (worktree !== root) await records.writeFolder(worktree, id, false);
    return id;
  }

  async function settlePlace(place: Workplace): Promise<Workplace> {
    const name = `${place.isNamed} ${place.root}`;
    const asking = known.get(name) ?? ask(place);
    known.set(name, asking);
    try {
      const id = await asking;
      if (place.isKnown) shared.add(place.root, id);
      return { ...place, id };
    } catch (error) {
      known.delete(name);
      throw error;
    }
  }

  return {
    settle: async (cwd, project) => await settlePlace(await identities.resolve(cwd, project)),
    settleRoot: async (worktree) => (await settlePlace(await identities.resolve(worktree, undefined))).id,
  };
}

/** A place as the server takes it. */
export async function describePlace(place: Workplace): Promise<MemberPlaceFacts> {
  const { id, root, worktree, folder, isKnown, isNamed, isRepository } = place;
  const branch = isRepository ? await findBranch(worktree) : null;
  return { id, root, worktree, folder, isKnown, isNamed, isRepository, branch };
}
