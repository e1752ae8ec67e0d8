import { chmodSync, statSync } from 'node:fs';
import { chooseDataDir, chooseMode, isOfTeam } from '../../config.js';
import type { Check } from '../../hooks/doctor/run-check.js';
import { wordError } from '../../word-error.js';
import type { CommandContext } from '../context/command-context.js';

/** Checks that a damaged store breaks. */
const STORE_CHECKS = new Set(['server', 'store']);
/** Rights to write of the group and of all others. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Mends what the checks found, where nobody else must decide about it.
 * @returns what was done and what is lost, line by line; none when nothing could be mended
 */
export async function mend(context: CommandContext, checks: readonly Check[]): Promise<string[]> {
  if (isOfTeam(context.env)) return [];
  if (chooseMode(context.env) === 'server') return await migrateTables(context, checks);
  if (!checks.some(({ name, state }) => state === 'broken' && STORE_CHECKS.has(name))) return [];
  const closed = closeDataFolder(chooseDataDir(context.env));
  if (closed !== null) return [closed];
  const { mendEmbeddedStore } = await import('./mend-embedded-store.js');
  return (await mendEmbeddedStore(context)) ?? [];
}

async function migrateTables({ env }: CommandContext, checks: readonly Check[]): Promise<string[]> {
  const isBehind = checks.some(({ name, fix }) => name === 'migrations' && fix === 'popstash migrate');
  if (!isBehind) return [];
  const [{ parseConfig }, { createLogger }, { migrateDatabase }] = await Promise.all([
    import('../../parse-config.js'),
    import('../../logger.js'),
    import('../../app/storage/migrate-database.js'),
  ]);
  try {
    const { applied } = await migrateDatabase(parseConfig(env), createLogger('silent', 'doctor'));
    return [`The tables in DATABASE_URL are up to date: applied ${applied.join(', ')}.`];
  } catch (error) {
    return [`The tables in DATABASE_URL could not be updated: ${wordError(error)}`];
  }
}

/** @returns what was done; null where others can't write to the folder, or it is not this user's */
function closeDataFolder(dataDir: string): string | null {
  const found = statSync(dataDir, { throwIfNoEntry: false });
  if (!found?.isDirectory() || found.uid !== process.getuid?.() || (found.mode & WRITABLE_BY_OTHERS) === 0) return null;
  chmodSync(dataDir, found.mode & ~WRITABLE_BY_OTHERS);
  return `Other users could write to ${dataDir}; they no longer can. Look at what is in it if you share this machine.`;
}
