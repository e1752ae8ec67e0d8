import { AppError } from '../../errors.js';

/** Longer than a server takes to end, in ms. */
const REPLACE_MS = 60_000;
const RETRY_MS = 50;

/**
 * Ends the local server, takes the data folder before a bridge starts another one, and replaces what is in it.
 * @throws AppError `timeout` when the server does not end
 */
export async function replaceStore<T>(dataDir: string, install: () => Promise<T>): Promise<T> {
  const [
    { SilentServerError, stopServer },
    { chooseSocketPath },
    { takeDataFolder },
    { setTimeout: sleep },
    { endProcess },
    { readOwner },
  ] = await Promise.all([
    import('../../ipc/reach-server.js'),
    import('../../ipc/socket-path.js'),
    import('../../data-folder/lock-folder.js'),
    import('node:timers/promises'),
    import('../../ipc/end-owner.js'),
    import('../../ipc/read-owner.js'),
  ]);
  const deadline = performance.now() + REPLACE_MS;
  for (;;) {
    const folder = takeDataFolder(dataDir);
    if (folder) {
      try {
        return await install();
      } finally {
        folder.release();
      }
    }
    if (performance.now() > deadline) {
      throw new AppError({
        code: 'timeout',
        message: 'The local server does not end.',
        fix: 'Run popstash down, then try again. Nothing was changed.',
        retryable: true,
      });
    }
    const owner = readOwner(dataDir);
    await stopServer(chooseSocketPath(dataDir)).catch((error: unknown) => {
      // It would never end by itself.
      if (owner && error instanceof SilentServerError) endProcess(owner);
    });
    await sleep(RETRY_MS);
  }
}
