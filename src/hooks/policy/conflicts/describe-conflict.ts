import type { LockConflict } from '../../../coordination/locks/lock-types.js';
import { type Reader, showPath } from '../../../coordination/locks/show-path.js';
import { humanAge, humanRemaining } from '../../../text/age.js';
import { stripInvisible } from '../../../text/present-text.js';
import { quoteName, quotePath } from '../../../text/quote-text.js';
import { shellCommand } from '../../../text/shell-command.js';
import { showInLine } from '../../../text/show-controls.js';
import { createAgentWords, type WordAgent } from '../../../text/word-agent.js';

/** Characters of a worktree's path and of a branch. */
const MAX_PATH = 300;
const MAX_BRANCH = 100;
/** Conflicts that a message names one by one. */
const SHOWN = 5;

/** One line for each conflict: who holds what, and for how long. @param count of all, where not all were read */
export function describeConflicts(conflicts: readonly LockConflict[], now: Date, count = conflicts.length): string {
  const word = createAgentWords();
  const lines = conflicts.slice(0, SHOWN).map((conflict) => describeConflict(conflict, now, word));
  const more = count - lines.length;
  return [...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}

function describeConflict(conflict: LockConflict, now: Date, word: WordAgent): string {
  const { requested, pattern, worktree, expiresAt, lastActive } = conflict;
  const holder = `${word(conflict.holder, { inWorktree: worktree })}, ${describePlace(conflict)}`;
  const file = quotePath(requested);
  if (conflict.queued) return `${file}: ${holder}, has queued for it before you.`;
  const left = humanRemaining(expiresAt.getTime() - now.getTime());
  const isSame = pattern === requested || requested.endsWith(`/${pattern}`);
  const covered = isSame ? '' : ` by its lock on ${quotePath(pattern)}`;
  return `${file} is held by ${holder}${covered}, for ${left} more unless it goes on working there (last active: ${humanAge(lastActive, now)}).`;
}

/** In which worktree a lock is, and on which branch. */
export function describePlace({ worktree, branch }: Pick<LockConflict, 'worktree' | 'branch'>): string {
  const path = quoteName(worktree, MAX_PATH);
  return branch === null ? `in ${path}` : `in worktree ${path} (branch ${quoteName(branch, MAX_BRANCH)})`;
}

/** What an agent whose edit was refused should do. It names no command that frees the file: that is a person's decision. */
export const AGENT_ADVICE =
  'Leave it alone, in this way and by shell commands. Work on something else, or wait for it with acquire ' +
  '(wait_seconds), or ask the user: only a person can free it.';

/** The command with which a person frees what is held; for people only. */
export function releaseCommand(conflicts: readonly LockConflict[], reader: Reader): string {
  const held = conflicts.filter(({ queued }) => !queued);
  const shown = held.map(({ worktree, pattern }) => showPath(worktree, pattern, reader));
  // A name that a terminal would not show as it is can't be repeated there.
  const patterns = [...new Set(shown)].filter((pattern) => !isOdd(pattern));
  const words = patterns.slice(0, SHOWN);
  return `popstash locks release ${shellCommand(words) || 'PATH'} --force --reason TEXT`;
}

function isOdd(pattern: string): boolean {
  if (pattern.length > MAX_PATH) return true;
  return pattern.includes('"') || showInLine(pattern) !== pattern || stripInvisible(pattern) !== pattern;
}
