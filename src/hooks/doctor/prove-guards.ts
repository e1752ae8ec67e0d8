import { realpathSync, rmSync } from 'node:fs';
import { setVariables } from '../../config.js';
import { findGuard } from '../guards/find-guard.js';
import type { GitFolders } from '../guards/git-folders.js';
import type { GuardName } from '../guards/guard-names.js';
import { challengeHook } from './challenge-hook.js';
import { OWN_HOOKS_FIX } from './check-installed.js';
import { ownServer, type ProofPlace, prove, shorten } from './prove-deny.js';
import type { Check } from './run-check.js';
import { HELD_FILE, openScratch } from './scratch-repository.js';

/** The guards that are run, by the name of their proof, and what is not refused without them. */
export const GUARD_PROOFS = [
  { name: 'commit deny', hook: 'pre-commit', what: 'a commit' },
  { name: 'merge deny', hook: 'pre-merge-commit', what: 'a merge' },
  { name: 'refs deny', hook: 'reference-transaction', what: 'a cherry-pick, revert, rebase, am or --no-verify' },
  { name: 'push deny', hook: 'pre-push', what: 'a push' },
] as const satisfies readonly { name: string; hook: GuardName; what: string }[];

/**
 * Runs each guard of git's hooks, as git or the manager of hooks runs it, about a file that another agent holds, in a scratch
 * repository: it must refuse it. Lines of the hooks behind ours are not run.
 */
export async function* proveGuards(place: ProofPlace, folders: GitFolders): AsyncGenerator<Check> {
  for (const proof of GUARD_PROOFS) yield await proveGuard(place, folders, proof);
}

/** One of them. */
export async function proveGuard(
  place: ProofPlace,
  folders: GitFolders,
  { name, hook, what }: (typeof GUARD_PROOFS)[number],
): Promise<Check> {
  const { worktree } = place;
  const { guard, faults } = findGuard(worktree, folders, hook);
  if (faults.length > 0) {
    const detail = faults.map((fault) => shorten(fault, worktree)).join('; ');
    return { name, state: 'broken', detail, fix: 'popstash init' };
  }
  if (!guard) return absent(name, what, folders);
  const env = setVariables(place.env);
  const scratch = openScratch(worktree, folders, hook, guard, env);
  try {
    return await prove(name, shorten(guard.path, worktree), 'popstash init', async () => {
      const { command, input } = scratch;
      const answer = await challengeHook({
        server: ownServer(place),
        command,
        folder: realpathSync(scratch.folder),
        file: HELD_FILE,
        input: () => input,
        env,
      });
      return { ...answer, isDenied: answer.code !== 0 && `${answer.stdout}${answer.stderr}`.includes(answer.holder) };
    });
  } finally {
    rmSync(scratch.folder, { recursive: true, force: true });
  }
}

function absent(name: string, what: string, { hooks, owner }: GitFolders): Check {
  const detail = `no hook of git in ${hooks} asks PopStash before ${what}`;
  return { name, state: 'broken', detail, fix: owner === 'others' ? OWN_HOOKS_FIX : 'popstash init' };
}
