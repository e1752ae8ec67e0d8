/** Git's hooks that ask PopStash. The last one sees every commit, however it is made; the others refuse it earlier. */
export const GUARDS = ['pre-commit', 'pre-merge-commit', 'pre-push', 'reference-transaction'] as const;

export type GuardName = (typeof GUARDS)[number];

/** Those that husky, lefthook and pre-commit know; they install nothing for the other one, and leave its file alone. */
export const MANAGED_GUARDS = ['pre-commit', 'pre-merge-commit', 'pre-push'] as const satisfies readonly GuardName[];

/** The lines around our part of a hook, or of the file of a manager of hooks. */
export const MARKERS = { begin: '# popstash: begin (popstash init --undo takes this out)', end: '# popstash: end' };

/** Where the repository keeps what is ours, below the folder of git that all its worktrees share. */
export const OWN_FOLDER = 'popstash';
/** In that folder: the script that starts PopStash on this machine, for files that name nothing of it. */
export const RUN_SCRIPT = 'run';
/** In that folder: hooks of this repository alone, where its own would be those of other repositories too. */
export const OWN_HOOKS = 'hooks';
/** In the folder of hooks: what stood in the place of a hook of ours, and is run by it. */
export const KEPT_FOLDER = 'before-popstash';
