import type { AdminAnswer } from '../../mcp/admin/admin-protocol.js';

type Holds = AdminAnswer<'show'>['holds'];

const UNKNOWN = {
  branch: 'whether its branch is merged',
  worktree: 'whether this is its worktree',
  files: 'whether its files changed',
} as const;

/** Where a memory does not hold, a sentence each; none when all is well. */
export function wordHolds(holds: Holds): string[] {
  if (!holds) return [];
  const { notMerged, otherWorktree, changedFiles, missingFiles, unknown } = holds;
  return [
    ...(notMerged === null ? [] : [`not merged here: ${notMerged}`]),
    ...(otherWorktree === null ? [] : [`written in another worktree: ${otherWorktree}`]),
    ...(changedFiles.length === 0 ? [] : [`changed since: ${changedFiles.join(', ')}`]),
    ...(missingFiles.length === 0 ? [] : [`gone since: ${missingFiles.join(', ')}`]),
    ...(unknown.length === 0 ? [] : [`unknown: ${unknown.map((what) => UNKNOWN[what]).join(', ')}`]),
  ];
}
