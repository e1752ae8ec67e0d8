import type { DecisionRepository } from '../decisions/decision-repository.js';
import type { Search } from '../search/search-types.js';
import type { StashRepository } from '../stashes/stash-repository.js';

/** Where a client's session begins. */
export interface SessionPlace {
  projectId: string;
  /** Absolute path. */
  worktree: string;
  /** The task that is open there, if there is one. */
  sessionId: string | null;
  task: string | null;
}

export interface BindingDecision {
  id: string;
  topic: string;
  decision: string;
}

/** What is stored and matters when a client's session begins. */
export interface SessionMemory {
  /** The newest of this worktree or task. */
  stash: { name: string; summary: string; createdAt: Date; now: Date } | null;
  /** Those near the task's words first, then the newest of the project. */
  decisions: BindingDecision[];
  /** There are more decisions than these. */
  hasMore: boolean;
}

/** Decisions that are read: the newest, and those near the words of a task. A budget of tokens shows fewer. */
const MAX_NEWEST = 12;
const MAX_NEAR = 3;
/** Characters of a task that are searched for. */
const MAX_QUERY_CHARS = 300;

export interface SessionMemoryDeps {
  stashes: Pick<StashRepository, 'findNewestOf'>;
  decisions: Pick<DecisionRepository, 'listNewest' | 'findLiveByIds'>;
  search: Search;
}

/** Reads what an agent should know when its client's session begins, before it has said what it will do. */
export function createSessionMemory({ stashes, decisions, search }: SessionMemoryDeps) {
  /** Without an answer of the search, the newest are told alone. */
  async function listNear(projectId: string, task: string | null): Promise<BindingDecision[]> {
    if (task === null) return [];
    try {
      const query = task.slice(0, MAX_QUERY_CHARS);
      const { hits } = await search.search({ projectId, query, kinds: ['decision'], limit: MAX_NEAR });
      return await decisions.findLiveByIds(
        projectId,
        hits.map(({ id }) => id),
      );
    } catch {
      return [];
    }
  }

  return async ({ projectId, worktree, sessionId, task }: SessionPlace): Promise<SessionMemory> => {
    const [stash, near, newest] = await Promise.all([
      stashes.findNewestOf(projectId, worktree, sessionId),
      listNear(projectId, task),
      decisions.listNewest(projectId, MAX_NEWEST + 1, false),
    ]);
    const chosen = new Map([...near, ...newest.slice(0, MAX_NEWEST)].map((decision) => [decision.id, decision]));
    return { stash, decisions: [...chosen.values()], hasMore: newest.length > MAX_NEWEST };
  };
}

export type ReadSessionMemory = ReturnType<typeof createSessionMemory>;
