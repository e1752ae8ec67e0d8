import * as z from 'zod';
import type { Holds } from '../../memory/origins/origin-types.js';
import { type Presenter, unlessEmpty } from './tool-output.js';

/** Where a memory does not hold, decided by git; what is well is left out. */
export const holdFields = {
  not_merged: z.string().optional(),
  other_worktree: z.string().optional(),
  changed_files: z.array(z.string()).optional(),
  missing_files: z.array(z.string()).optional(),
  unknown: z.array(z.string()).optional(),
};

/** @param holds undefined: nothing is known to be otherwise */
export function presentHolds(holds: Holds | undefined, shown: Presenter) {
  if (!holds) return {};
  return {
    not_merged: holds.notMerged === null ? undefined : shown.text(holds.notMerged),
    other_worktree: holds.otherWorktree === null ? undefined : shown.text(holds.otherWorktree),
    changed_files: unlessEmpty(holds.changedFiles.map(shown.text)),
    missing_files: unlessEmpty(holds.missingFiles.map(shown.text)),
    unknown: unlessEmpty(holds.unknown),
  };
}
