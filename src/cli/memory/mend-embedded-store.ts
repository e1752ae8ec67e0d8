import type { MendedStore } from '../../app/storage/mend-store.js';
import { chooseDataDir, chooseMode } from '../../config.js';
import type { CommandContext } from '../context/command-context.js';
import { replaceStore } from './replace-store.js';

/**
 * Ends the local server and puts the newest backup, or an empty store, in place of a damaged one.
 * @returns what was done and what is lost, line by line; null in server mode, where the store is not ours to mend
 */
export async function mendEmbeddedStore({ env }: CommandContext): Promise<string[] | null> {
  if (chooseMode(env) === 'server') return null;
  const [{ mendStore }, { findPackage }, { createLogger }] = await Promise.all([
    import('../../app/storage/mend-store.js'),
    import('../../package-root.js'),
    import('../../logger.js'),
  ]);
  const dataDir = chooseDataDir(env);
  const logger = createLogger('silent', 'doctor');
  const place = { dataDir, packageRoot: findPackage().root };
  const mended = await replaceStore(dataDir, () => mendStore(place, logger, new Date()));
  return mended ? describe(mended) : ['The store was read in full and is sound: nothing was replaced.'];
}

function describe({ damage, aside, backup, lastWritten }: MendedStore): string[] {
  const until = lastWritten ? lastWritten.toISOString() : 'the damage';
  return [
    `The store was damaged: ${damage}.`,
    ...(aside === null ? [] : [`Its files are kept in ${aside}.`]),
    backup
      ? `The backup ${backup.folder} is in its place: ${backup.memories} memories, as of ${backup.madeAt.toISOString()}.`
      : 'There was no backup that opens: an empty store is in its place.',
    backup
      ? `Lost is what was written after that, until ${until}: memories, locks, tasks and the timeline. Costs are read again from the clients' files.`
      : `Lost is all that was stored, until ${until}: memories, locks, tasks and the timeline. Costs are read again from the clients' files.`,
  ];
}
