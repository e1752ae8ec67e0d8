import { fileURLToPath } from 'node:url';
import type { ProjectQuestion, SettledWorkplace } from '../../identity/identity-types.js';
import type { ProjectIdentities } from '../../project/project-identities.js';
import type { Workplace } from '../../project/resolve-project.js';
import type { WorkplaceOrigin } from '../../project/workplace-origin.js';

export interface WorkplaceFinder {
  /** As far as it is known by now. */
  current(): Workplace;
  /**
   * Once it is known: by the folder that the client started this connection in, else by what it tells.
   * @throws AppError `timeout` while the files of that folder do not answer
   */
  settle(): Promise<Workplace>;
  /** The client's roots have changed. */
  reconsider(): void;
  /** The agent goes: what it has committed first is what clones are known by. Never rejects. */
  leave(): Promise<void>;
  /** A project was moved to another one. */
  projectMoved(from: string, into: string): void;
  /** What the agent's user is asked about its project, once. */
  takeQuestion(): ProjectQuestion | null;
  /** A repository of another user around its folder, which it is told of once. */
  takeRefused(): string | null;
}

export interface WorkplaceDeps {
  identities: Pick<ProjectIdentities, 'resolve' | 'guess'>;
  /** URIs of the client's roots; empty when it has none or can't tell. */
  listRoots: () => Promise<string[]>;
  /** Asks the database which project it is. @throws while that is away */
  settleProject: (workplace: Workplace, home: string | undefined) => Promise<SettledWorkplace>;
}

/**
 * Finds out where an agent works: in the folder of its client's process; where that is `/` or the home folder, in the
 * first root that the client lists, else in the folder that its environment names.
 */
export function createWorkplaceFinder(
  { cwd, home, project, clientFolder, acrossWorktrees }: WorkplaceOrigin,
  { identities, listRoots, settleProject }: WorkplaceDeps,
): WorkplaceFinder {
  const resolveIn = async (folder: string): Promise<Workplace> => ({
    ...(await identities.resolve(folder, project, home)),
    acrossWorktrees,
  });
  let current: Workplace = { ...identities.guess(cwd, project), acrossWorktrees };
  let isRead = false;
  let settling: Promise<void> | undefined;
  let isPlaced = false;
  let isSettled = false;
  let lacksHistory = false;
  let question: ProjectQuestion | null = null;
  let isRefusalTold = false;

  async function findPlace(): Promise<void> {
    if (current.isKnown) return;
    const roots = await listRoots().catch(() => []);
    const folders = [...roots.flatMap(toFolder), ...(clientFolder === undefined ? [] : [clientFolder])];
    for (const folder of folders) {
      const found = await resolveIn(folder).catch(() => null);
      if (!found?.isKnown) continue;
      // The agent's memory stays where its first call put it; its files have found their place.
      current = isPlaced ? { ...found, id: current.id, root: current.root } : found;
      break;
    }
    isPlaced = true;
  }

  async function find(): Promise<void> {
    if (!isRead) current = await resolveIn(cwd);
    isRead = true;
    await findPlace();
    if (isSettled) return;
    try {
      const settled = await settleProject(current, home);
      current = { ...settled.workplace, acrossWorktrees };
      question = settled.question;
      lacksHistory = settled.lacksHistory;
      isSettled = true;
    } catch {
      // The call fails for the same reason, and the next one asks again.
      settling = undefined;
    }
  }

  return {
    current: () => current,
    async settle() {
      settling ??= find();
      const finding = settling;
      try {
        await finding;
      } catch (error) {
        if (settling === finding) settling = undefined;
        throw error;
      }
      return current;
    },
    reconsider() {
      settling = undefined;
    },
    async leave() {
      if (lacksHistory && isRead) await settleProject(current, home).catch(() => undefined);
    },
    projectMoved(from, into) {
      if (current.id === from) current = { ...current, id: into };
      if (question && [question.project, question.twin.id].includes(from)) question = null;
    },
    takeRefused() {
      const refused = isRefusalTold ? null : current.refused;
      isRefusalTold = true;
      return refused;
    },
    takeQuestion() {
      const asked = question;
      question = null;
      return asked;
    },
  };
}

function toFolder(uri: string): string[] {
  try {
    return [fileURLToPath(uri)];
  } catch {
    // A root that is no folder of this machine.
    return [];
  }
}
