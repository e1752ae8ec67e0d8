import { AppError } from '../../errors.js';
import { wordError } from '../../word-error.js';
import type { AddCommand, CommandContext } from '../context/command-context.js';
import { replaceStore } from './replace-store.js';

const EXAMPLES = `
Examples:
  popstash restore-backup                                the newest of the daily backups, which are kept for 7 days
  popstash restore-backup ~/backups/popstash-2026-11-26

The local server ends, and starts again with the restored store; connected agents come back by themselves. What was
there before is kept beside it, in a folder that is named. In server mode:
  pg_restore --clean --if-exists --dbname="$DATABASE_URL" popstash.dump`;

export const addRestoreBackup: AddCommand = (program, context) => {
  program
    .command('restore-backup [folder]')
    .description('Put a backup in place of the embedded store: the given one, or the newest daily one')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES)
    .action((folder: string | undefined, options: { json?: boolean }) => runRestore(context, folder, options));
};

async function runRestore(
  context: CommandContext,
  given: string | undefined,
  { json }: { json?: boolean },
): Promise<void> {
  const [{ findPackage }, { refuseServerMode }, { chooseDataDir }, { checkBackup, stageBackup }, { makeDataFolder }] =
    await Promise.all([
      import('../../package-root.js'),
      import('./refuse-server-mode.js'),
      import('../../config.js'),
      import('../../app/storage/restore-database.js'),
      import('../../ipc/make-data-folder.js'),
    ]);
  refuseServerMode(context.env, 'pg_restore --clean --if-exists --dbname="$DATABASE_URL" popstash.dump');
  const dataDir = chooseDataDir(context.env);
  const folder = given ?? (await findNewest(dataDir));
  const packageRoot = findPackage().root;
  await checkBackup(folder, packageRoot);
  makeDataFolder(dataDir);
  const staged = await stageBackup(folder, { dataDir, packageRoot }, new Date()).catch((error: unknown) => {
    throw new AppError({
      code: 'invalid_argument',
      message: `The backup does not open: ${wordError(error)}`,
      fix: 'Nothing was changed. Use another backup.',
      cause: error,
    });
  });
  try {
    const former = await replaceStore(dataDir, staged.install);
    const { bringUp } = await import('../context/bring-up.js');
    await bringUp(dataDir);
    const answer = { backup: folder, memories: staged.memories, former };
    context.write(
      json
        ? JSON.stringify(answer)
        : `Restored ${staged.memories} memories from ${folder}.${former === null ? '' : ` What was there before is kept in ${former}`}`,
    );
  } finally {
    await staged.discard();
  }
}

async function findNewest(dataDir: string): Promise<string> {
  const { backupsFolder, listBackups } = await import('../../app/storage/daily-backups.js');
  const [newest] = await listBackups(dataDir);
  if (newest) return newest.folder;
  throw new AppError({
    code: 'not_found',
    message: `There is no daily backup in ${backupsFolder(dataDir)}.`,
    fix: 'Give the folder that popstash backup has written.',
  });
}
