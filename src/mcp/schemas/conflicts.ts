import * as z from 'zod';
import type { AcquireOutcome, AcquireRequest, LockConflict } from '../../coordination/locks/lock-types.js';
import { showPath } from '../../coordination/locks/show-path.js';
import { AppError } from '../../errors.js';
import type { Workplace } from '../../project/resolve-project.js';
import { humanAgo, humanDuration, humanRemaining } from '../../text/age.js';
import { nameFiles } from '../../text/name-files.js';
import { presentName } from '../../text/present-agent.js';
import { introduceOthers, quoteName, quotePath } from '../../text/quote-text.js';
import { createAgentWords, type WordAgent } from '../../text/word-agent.js';
import type { ToolContext } from '../define-tool.js';
import { agentFields } from './agent-output.js';
import type { Presenter } from './tool-output.js';

/** Characters of another agent's task that are shown: enough to tell the user. */
const MAX_TASK_CHARS = 200;
/** Of a place in a suggestion. */
const MAX_PATH_CHARS = 300;
const MAX_BRANCH_CHARS = 100;
/** Conflicts that the suggestion names. */
const MAX_NAMED = 3;
/** Conflicts, and warnings, that an answer lists; the rest is counted. */
export const MAX_LISTED = 20;

/** How many there are beyond those that are listed. */
export const more = z.int().optional();

export const conflict = z.object({
  file: z.string(),
  held_by: z.string(),
  name: z.string(),
  client: agentFields.client,
  terminal: agentFields.terminal,
  pid: agentFields.pid,
  task: z.string().nullable(),
  held_for: z.string(),
  expires_in: z.string(),
  last_active: z.string(),
  worktree: z.string().optional(),
  branch: z.string().optional(),
  pattern: z.string().optional(),
  mode: z.string().optional(),
  queued: z.boolean().optional(),
  session_id: z.string().optional(),
});

/** A lock of another agent on the same file in another worktree: it is not in the way, yet both change the file. */
export const warning = z.object({
  file: z.string(),
  held_by: z.string(),
  name: z.string(),
  client: agentFields.client,
  terminal: agentFields.terminal,
  pid: agentFields.pid,
  task: z.string().nullable(),
  worktree: z.string(),
  branch: z.string().nullable(),
});

/** How many of so many are not listed; undefined for none. */
export function countUnlisted(count: number): number | undefined {
  return count > MAX_LISTED ? count - MAX_LISTED : undefined;
}

/** Locks in other worktrees, as agents read them; undefined when there are none. */
export function presentWarnings(
  warnings: readonly LockConflict[],
  shown: Presenter,
): z.input<typeof warning>[] | undefined {
  if (warnings.length === 0) return undefined;
  return warnings.slice(0, MAX_LISTED).map((other) => ({
    file: shown.text(other.requested),
    held_by: other.agentId,
    ...presentName(other.holder),
    task: other.task === null ? null : shown.clipped(other.task, MAX_TASK_CHARS),
    worktree: shown.text(other.worktree),
    branch: shown.optional(other.branch),
  }));
}

/** Conflicts as agents read them. */
export function presentConflicts(
  conflicts: readonly LockConflict[],
  {
    actor,
    workplace,
    now,
    shown,
    isOurs,
  }: Pick<ToolContext, 'actor' | 'workplace' | 'isOurs'> & { now: Date; shown: Presenter },
): z.input<typeof conflict>[] {
  const held = (other: LockConflict) => showPath(other.worktree, other.pattern, workplace);
  return conflicts.slice(0, MAX_LISTED).map((other) => ({
    file: shown.text(other.requested),
    held_by: other.agentId,
    ...presentName(other.holder),
    task: other.task === null ? null : shown.clipped(other.task, MAX_TASK_CHARS),
    held_for: (other.queued ? 'queued for ' : '') + humanDuration(now.getTime() - other.since.getTime()),
    expires_in: other.queued ? 'unknown' : humanRemaining(other.expiresAt.getTime() - now.getTime()),
    last_active: humanAgo(other.lastActive, now),
    ...presentPlace(other, workplace, shown),
    pattern: held(other) === other.requested ? undefined : shown.text(held(other)),
    mode: other.mode === 'shared' ? other.mode : undefined,
    queued: other.queued || undefined,
    // Of another subagent of the same agent, or of an agent that called over the same connection: it may be the caller.
    session_id: other.agentId === actor.agentId || isOurs(other.agentId) ? (other.sessionId ?? undefined) : undefined,
  }));
}

/** The worktree and its branch; nothing for the agent's own folder where that is no worktree. */
function presentPlace(
  { worktree, branch }: LockConflict,
  workplace: Workplace,
  shown: Presenter,
): { worktree?: string; branch?: string } {
  if (branch !== null) return { worktree: shown.text(worktree), branch: shown.text(branch) };
  return worktree === workplace.worktree ? {} : { worktree: shown.text(worktree) };
}

/**
 * Tells the agent what to do about conflicts. It does not repeat other agents' tasks: stored text stays in its own
 * field, so that nothing in it can pass for advice.
 * @param agentId of the caller @param outcome the same conflicts, with all that is known of their holders
 */
export function suggestWay(
  conflicts: readonly z.input<typeof conflict>[],
  { conflicts: found, conflictCount }: Pick<AcquireOutcome, 'conflicts' | 'conflictCount'>,
  { waited, agentId }: { waited: boolean; agentId: string },
): string {
  const own = conflicts.find((one) => one.session_id !== undefined);
  if (own && own.held_by !== agentId) {
    return `${quotePath(own.file)} is held by ${quoteName(own.name, MAX_BRANCH_CHARS)} of this client. Nothing was locked. If that task is yours, call again with session_id ${own.session_id}; else leave the file to it, or wait for it with wait_seconds (up to 50).`;
  }
  if (own) {
    return `${quotePath(own.file)} is locked by another subagent that works for the same agent as you. Nothing was locked: leave the file to it, wait for it with wait_seconds (up to 50), or tell the agent that started you.`;
  }
  const word = createAgentWords();
  const named = conflicts.slice(0, MAX_NAMED).map((one, index) => describeHolder(one, found[index], word));
  const rest = conflictCount > named.length ? ` (and ${conflictCount - named.length} more, see conflicts)` : '';
  const wait = waited ? 'wait once more with wait_seconds' : 'wait for it with wait_seconds (up to 50)';
  return introduceOthers(
    `Stop: nothing was locked, so edit none of these files. Tell the user: ${named.join('; ')}${rest}. Then ${wait}, work on other files, or ask the user: only a person can free it.`,
  );
}

/** Refuses a wait that could never end: the holders of these files wait for what this agent holds. */
export function refuseCycle(conflicts: readonly LockConflict[]): AppError {
  const holders = wordHolders(conflicts.slice(0, MAX_NAMED));
  const files = nameFiles([...new Set(conflicts.map(({ requested }) => requested))]);
  return new AppError({
    code: 'conflict',
    message: `Waiting for ${files} would never end: ${holders} waits for files that this task holds. Nothing was locked.`,
    fix: 'Release what they wait for first (release, or end_task) and acquire all files in one call; or call again with wait_seconds 0.',
  });
}

/** Reports to a client that asked for progress which agents its call waits for; undefined for others. */
export function reportWait(
  call: Pick<ToolContext, 'progress' | 'wantsProgress'>,
  waitSeconds: number,
): AcquireRequest['onWait'] {
  if (!call.wantsProgress) return undefined;
  return ({ seconds, conflicts }) => {
    const holders = conflicts.length > 0 ? wordHolders(conflicts.slice(0, MAX_NAMED)) : 'agents that asked before';
    call.progress(`Queued; waits for ${holders}`, seconds, waitSeconds);
  };
}

/** Each once. */
function wordHolders(conflicts: readonly LockConflict[]): string {
  const word = createAgentWords();
  return [...new Set(conflicts.map(({ holder, worktree }) => word(holder, { inWorktree: worktree })))].join(', ');
}

function describeHolder(one: z.input<typeof conflict>, found: LockConflict | undefined, word: WordAgent): string {
  const branch = one.branch === undefined ? '' : `, branch ${quoteName(one.branch, MAX_BRANCH_CHARS)}`;
  const place = one.worktree === undefined ? '' : ` in worktree ${quoteName(one.worktree, MAX_PATH_CHARS)}${branch}`;
  const wording = { inWorktree: found?.worktree ?? null, withoutTask: true };
  const who = `${found ? word(found.holder, wording) : one.held_by}${place}`;
  const file = quotePath(one.file);
  if (one.queued) return `${who} queued for ${file} before this call`;
  const what = one.pattern === undefined ? file : `${file} (as part of ${quotePath(one.pattern)})`;
  return `${what} is held by ${who} for ${one.held_for}, and free in ${one.expires_in} at the latest if it shows no sign of life`;
}
