import type { HookRequest } from '../../ipc/control-protocol.js';

export type PushedCommit = NonNullable<HookRequest['commits']>[number];

/** Commits that are checked. */
export interface ListedCommits {
  commits: PushedCommit[];
  /** Why there are others; undefined where there are none. */
  unchecked: string | undefined;
}

export const NO_COMMITS: ListedCommits = { commits: [], unchecked: undefined };
