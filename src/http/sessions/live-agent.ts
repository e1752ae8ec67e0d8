import type { Member } from '../../actor/member.js';
import { AppError } from '../../errors.js';

/** An agent that this process answers for, until it is silent for too long. */
export interface LiveAgent {
  /** Of its row in http_sessions. */
  id: string;
  member: Member;
  agentId: string;
  /** A stream is open, a call under way, or a request was not long ago. */
  isLive(): boolean;
  /** Ends the agent: what it holds is free. */
  end(reason: string): Promise<void>;
  /** Ends it here alone. */
  leave(): void;
}

/** Begins the row's id of an agent of the revision without sessions: no client's session is called so. */
export const LEASE_PREFIX = 'handle:';

/** Agents of one member at once. */
const MAX_EACH = 500;

/** @throws AppError `conflict` where a member has as many agents as one may have. @param live of this process */
export function checkRoom(live: ReadonlyMap<string, LiveAgent>, member: Member): void {
  const own = [...live.values()].filter((agent) => agent.member.id === member.id);
  if (own.length < MAX_EACH) return;
  throw new AppError({
    code: 'conflict',
    message: `This member has ${MAX_EACH} agents connected.`,
    fix: 'End some of them, or give their users tokens of their own.',
    retryable: true,
  });
}
