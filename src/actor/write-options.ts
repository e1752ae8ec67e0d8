import type { ClientCall } from './client-call.js';

/** How a write came. */
export interface WriteOptions {
  /** The client's connection was lost and the call may have been carried out already. */
  resent?: boolean;
  /** What the client says of the call. */
  clientCall?: ClientCall;
  /** Top folder of the agent's worktree; undefined where it is not known. */
  worktree?: string | undefined;
}
