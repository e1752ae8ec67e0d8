import type { Pool } from 'pg';
import { gitVariables } from '../../config.js';
import { createRenameFinder } from '../../git/find-renamed.js';
import { createMergeRules } from '../../git/merge-rules.js';
import { createMergeStates } from '../../git/merge-states.js';
import { createBlobReader } from '../../git/read-blobs.js';
import { createHeadReader } from '../../git/read-head.js';
import { createGit } from '../../git/run-git.js';
import { createHoldLabels, type HoldLabels } from './label-holds.js';
import { createOriginNotes, type OriginNotes } from './note-origins.js';
import { createOriginRepository } from './origin-repository.js';

/** Where memories are written, and whether they hold elsewhere; with one cache of what git says. */
export interface Origins {
  notes: OriginNotes;
  labels: HoldLabels;
}

export function createOrigins(pool: Pool): Origins {
  const git = createGit(gitVariables());
  const heads = createHeadReader();
  const blobs = createBlobReader(git);
  return {
    notes: createOriginNotes({ repository: createOriginRepository(pool), git, heads, blobs }),
    labels: createHoldLabels({
      heads,
      blobs,
      renames: createRenameFinder(git),
      merges: createMergeStates(createMergeRules(git), heads),
    }),
  };
}
