import type { Environment } from '../../config.js';
import { type GuardOptions, type GuardOutcome, guardPushed, guardStaged } from './run-guard.js';

/** Variables that the framework pre-commit sets after something has happened: there is nothing left to refuse. */
const AFTERWARDS = ['PRE_COMMIT_CHECKOUT_TYPE', 'PRE_COMMIT_IS_SQUASH_MERGE', 'PRE_COMMIT_REWRITE_COMMAND'];

/**
 * The guard as a hook of the framework pre-commit, in whatever stage it is run. The framework has read git's stdin, and
 * shows what a hook says only when it fails.
 */
export async function guardInFramework(env: Environment, options: GuardOptions): Promise<GuardOutcome> {
  if (AFTERWARDS.some((name) => env[name] !== undefined)) return { message: '', isRefused: false };
  const { PRE_COMMIT_TO_REF: to, PRE_COMMIT_FROM_REF: from, PRE_COMMIT_REMOTE_NAME: remote } = env;
  if (remote === undefined) return guardStaged(env, { ...options, isUnheard: true });
  if (!to) return { message: '', isRefused: false };
  const refs = `${env.PRE_COMMIT_LOCAL_BRANCH ?? 'HEAD'} ${to} ${env.PRE_COMMIT_REMOTE_BRANCH ?? 'HEAD'} ${from ?? '0'}\n`;
  return guardPushed(env, { ...options, refs }, remote, env.PRE_COMMIT_REMOTE_URL);
}
