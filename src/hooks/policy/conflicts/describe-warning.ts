import type { LockConflict } from '../../../coordination/locks/lock-types.js';
import { introduceOthers, quotePath } from '../../../text/quote-text.js';
import { createAgentWords } from '../../../text/word-agent.js';
import { describePlace } from './describe-conflict.js';

/** Locks that a message names one by one. */
const SHOWN = 5;

/** Who works on the same files in other worktrees, and what that means. */
export function describeWarnings(warnings: readonly LockConflict[]): string {
  const word = createAgentWords();
  const lines = warnings.slice(0, SHOWN).map((warning) => {
    const { requested, holder, worktree } = warning;
    return `${quotePath(requested)} is also locked by ${word(holder, { inWorktree: worktree })}, ${describePlace(warning)}.`;
  });
  const more = warnings.length - lines.length;
  if (more > 0) lines.push(`… and ${more} more`);
  return introduceOthers(
    `${lines.join('\n')}\nThat is another copy, so this is no conflict now: go on, keep the change small, and expect ` +
      'to merge. Agree with that agent (announce) where you change the same lines.',
  );
}
