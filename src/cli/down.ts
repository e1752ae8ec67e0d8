import { AppError } from '../errors.js';
import type { Report } from '../ipc/control-protocol.js';
import type { AddCommand } from './context/command-context.js';

const EXAMPLES = `
Example:
  popstash down    before the data folder is moved, or PopStash is removed`;

export const addDown: AddCommand = (program, { env, write }) => {
  program
    .command('down')
    .description(
      'Stop the local server, and the readers of server mode: calls under way are answered first; connected agents start them again when they need them',
    )
    .option('--json', 'print the report as JSON')
    .addHelpText('after', EXAMPLES)
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

/** An owner that does not react to its socket is ended after this long, in ms: longer than a server takes to end. */
const PATIENCE_MS = 30_000;

/**
 * Stops the server of a data folder and waits until it is gone; null when none ran. One that does not answer is killed.
 * @throws AppError `timeout` when one owns the folder but can't be ended.
 */
async function bringDown(dataDir: string): Promise<Pick<Report, 'pid'> | null> {
  const { SilentServerError, stopServer } = await import('../ipc/reach-server.js');
  const { chooseReaderSocket, chooseSocketPath, listReaders } = await import('../ipc/socket-path.js');
  const { isOwned } = await import('../data-folder/lock-folder.js');
  const { endProcess, isStopped } = await import('../ipc/end-owner.js');
  const { readOwner } = await import('../ipc/read-owner.js');
  const { existsSync } = await import('node:fs');
  if (!existsSync(dataDir)) return null;
  const readers = listReaders(dataDir).map((name) => stopServer(chooseReaderSocket(dataDir, name)));
  await Promise.allSettled(readers);
  const owner = readOwner(dataDir);
  let isSilent = false;
  const report = await stopServer(chooseSocketPath(dataDir)).catch((error: unknown) => {
    isSilent = error instanceof SilentServerError;
    return null;
  });
  let ended: Pick<Report, 'pid'> | null = report;
  // Its sockets close a moment before the process gives the folder back.
  const deadline = performance.now() + PATIENCE_MS;
  while (isOwned(dataDir)) {
    const isLate = performance.now() > deadline;
    if (owner && (isSilent || isLate || isStopped(owner)) && endProcess(owner)) ended = owner;
    else if (isLate) throw describeBlocker(dataDir, owner?.pid);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return ended;
}

function describeBlocker(dataDir: string, pid: number | undefined): AppError {
  return new AppError({
    code: 'timeout',
    message: `A server (pid ${pid ?? 'unknown'}) owns ${dataDir} but does not end.`,
    fix: `End it by hand: kill -9 ${pid ?? 'PID'}. Nothing acknowledged is lost by that.`,
    retryable: true,
  });
}
