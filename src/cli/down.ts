import { AppError } from '../errors.js';
import type { Report } from '../ipc/control-protocol.js';
import type { AddCommand } from './context/command-context.js';

export const addDown: AddCommand = (program, { env, write }) => {
  program
    .command('down')
    .description(
      'Stop the local server, and the readers of server mode: calls under way are answered first; connected agents start them again when they need them',
    )
    .option('--json', 'print the report as JSON')
    .action(async (options: { json?: boolean }) => {
      const { chooseDataDir } = await import('../config.js');
      const dataDir = chooseDataDir(env);
      const stopped = await bringDown(dataDir);
      if (options.json)
        write(JSON.stringify({ stopped: stopped !== null, pid: stopped?.pid ?? null, data_dir: dataDir }));
      else
        write(
          stopped ? `Stopped the local server (pid ${stopped.pid}).` : `No local server is running for ${dataDir}.`,
        );
    });
};

/**
 * Stops the server of a data folder and waits until it is gone; null when none ran.
 * @throws AppError `timeout` when one owns the folder but does not react.
 */
async function bringDown(dataDir: string): Promise<Report | null> {
  const { stopServer } = await import('../ipc/reach-server.js');
  const { chooseReaderSocket, chooseSocketPath, listReaders } = await import('../ipc/socket-path.js');
  const { isOwned, readOwner } = await import('../data-folder/lock-folder.js');
  const { existsSync } = await import('node:fs');
  if (!existsSync(dataDir)) return null;
  const readers = listReaders(dataDir).map((name) => stopServer(chooseReaderSocket(dataDir, name)));
  await Promise.allSettled(readers);
  // One that does not answer is told apart by the lock that it holds.
  const report = await stopServer(chooseSocketPath(dataDir)).catch(() => null);
  // Its sockets close a moment before the process gives the folder back.
  const deadline = Date.now() + 30_000;
  for (;;) {
    if (!isOwned(dataDir)) return report;
    if (Date.now() > deadline) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const owner = readOwner(dataDir);
  throw new AppError({
    code: 'timeout',
    message: `A server (pid ${owner?.pid ?? 'unknown'}) owns ${dataDir} but does not end.`,
    fix: `End it by hand: kill -9 ${owner?.pid ?? 'PID'}. Nothing acknowledged is lost by that.`,
    retryable: true,
  });
}
