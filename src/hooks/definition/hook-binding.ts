import type { HookEvent } from '../../ipc/control-protocol.js';

/** One event of a client, and what it is for PopStash. */
export interface HookBinding {
  name: string;
  event: HookEvent;
  /** The tools that the client calls the hook for; all where it knows no such choice. */
  matcher?: string;
}
