import { AppError } from '../../errors.js';
import type { AddCommand, CommandContext } from '../context/command-context.js';

const EXAMPLES = `
Example:
  popstash restore-backup ~/backups/popstash-2026-11-26

The local server ends, and starts again with the restored store; connected agents come back by themselves. What was
there before is kept beside it, in a folder that is named. In server mode:
  pg_restore --clean --if-exists --dbname="$DATABASE_URL" popstash.dump`;

export const addRestoreBackup: AddCommand = (program, context) => {
  program
    .command('restore-backup <folder>')
    .description('Put a backup in place of the embedded store')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES)
    .action((folder: string, options: { json?: boolean }) => runRestore(context, folder, options));
};

async function runRestore(context: CommandContext, folder: string, { json }: { json?: boolean }): Promise<void> {
  const [{ findPackage }, { refuseServerMode }, { chooseDataDir }, { checkBackup, stageBackup }, { mkdir }] =
    await Promise.all([
      import('../../package-root.js'),
      import('./refuse-server-mode.js'),
      import('../../config.js'),
      import('../../app/storage/restore-database.js'),
      import('node:fs/promises'),
    ]);
  refuseServerMode(context.env, 'pg_restore --clean --if-exists --dbname="$DATABASE_URL" popstash.dump');
  await checkBackup(folder, findPackage().root);
  const dataDir = chooseDataDir(context.env);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const staged = await stageBackup(folder, dataDir, new Date()).catch((error: unknown) => {
    throw new AppError({
      code: 'invalid_argument',
      message: `The backup does not open: ${error instanceof Error ? error.message : String(error)}`,
      fix: 'Nothing was changed. Use another backup.',
      cause: error,
    });
  });
  try {
    const former = await replaceStore(dataDir, staged.install);
    const { bringUp } = await import('../context/bring-up.js');
    await bringUp(dataDir);
    const answer = { memories: staged.memories, former };
    context.write(
      json
        ? JSON.stringify(answer)
        : `Restored ${staged.memories} memories.${former === null ? '' : ` What was there before is kept in ${former}`}`,
    );
  } finally {
    await staged.discard();
  }
}

/** Longer than a server takes to end, in ms. */
const REPLACE_MS = 60_000;
const RETRY_MS = 50;

/** Ends the local server, takes the data folder before a bridge starts another one, and replaces what is in it. */
async function replaceStore(dataDir: string, install: () => Promise<string | null>): Promise<string | null> {
  const [{ stopServer }, { chooseSocketPath }, { takeDataFolder }, { setTimeout: sleep }] = await Promise.all([
    import('../../ipc/reach-server.js'),
    import('../../ipc/socket-path.js'),
    import('../../data-folder/lock-folder.js'),
    import('node:timers/promises'),
  ]);
  const deadline = Date.now() + REPLACE_MS;
  for (;;) {
    const folder = takeDataFolder(dataDir);
    if (folder) {
      try {
        return await install();
      } finally {
        folder.release();
      }
    }
    if (Date.now() > deadline) {
      throw new AppError({
        code: 'timeout',
        message: 'The local server does not end.',
        fix: 'Run popstash down, then restore again. Nothing was changed.',
        retryable: true,
      });
    }
    await stopServer(chooseSocketPath(dataDir)).catch(() => null);
    await sleep(RETRY_MS);
  }
}
