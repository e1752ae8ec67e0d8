import type { Environment } from '../../config.js';
import { AppError } from '../../errors.js';

/** Who runs the team's server does these there, with its DATABASE_URL. By command: what is to be done instead. */
const OF_THE_SERVER: Readonly<Record<string, string>> = {
  backup: 'Back the database up where it runs: pg_dump --format=custom "$DATABASE_URL" > popstash.dump',
  'restore-backup':
    'Restore the database where it runs: pg_restore --clean --if-exists --dbname="$DATABASE_URL" popstash.dump',
  'costs reprice': 'Run popstash costs reprice where the server runs, with its DATABASE_URL.',
  'costs rollup': 'Run popstash costs rollup where the server runs, with its DATABASE_URL.',
  dashboard: 'Run popstash dashboard where the server runs, with its DATABASE_URL.',
  migrate: 'Run popstash migrate where the server runs, with its DATABASE_URL.',
};
/** What a local server would be asked for. */
const OF_A_LOCAL_SERVER: Readonly<Record<string, string>> = {
  up: "popstash status asks the team's server. Unset POPSTASH_URL to work with a server of this machine.",
};
/** Commands that ask the team's server nothing. */
const ASKS_NOBODY = new Set(['down', 'init', 'logs', 'reader', 'tokens', 'uninstall']);

/**
 * Refuses what a member of a team can't do from here, before a local store would answer in place of the team's.
 * @param words of the command, without `popstash`
 * @throws AppError `invalid_argument` saying what to do instead
 */
export function checkMember(env: Environment, words: string): void {
  const [command = ''] = words.split(' ');
  const local = OF_A_LOCAL_SERVER[words];
  if (local !== undefined) throw refuse(env, 'no local server is used here.', local);
  const server = env.DATABASE_URL === undefined ? OF_THE_SERVER[words] : undefined;
  if (server !== undefined) throw refuse(env, `popstash ${words} works on the database behind it.`, server);
  if (env.POPSTASH_TOKEN !== undefined || ASKS_NOBODY.has(command) || OF_THE_SERVER[words] !== undefined) return;
  throw new AppError({
    code: 'invalid_argument',
    message: `POPSTASH_TOKEN is not set: ${env.POPSTASH_URL} answers members only.`,
    fix: "Ask who runs the team's server for a token (popstash tokens create NAME), and set POPSTASH_TOKEN.",
  });
}

function refuse(env: Environment, why: string, fix: string): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: `POPSTASH_URL is set (${env.POPSTASH_URL}): ${why}`,
    fix,
  });
}
