import { AppError } from '../../errors.js';
import type { Report } from '../../ipc/control-protocol.js';
import type { LastWords } from '../../ipc/read-last-words.js';

const UP_TIMEOUT_MS = 60_000;
const ASK_AGAIN_MS = 50;

/** Starts the local server where none runs, and waits until its storage is open. @throws AppError `not_ready` when it is not up within a minute; its log is named. */
export async function bringUp(dataDir: string): Promise<{ report: Report; wasRunning: boolean }> {
  const { askServer, SilentServerError, stopServer } = await import('../../ipc/reach-server.js');
  const { endStoppedOwner } = await import('../../ipc/end-owner.js');
  const { serverLogPath, startServer } = await import('../../ipc/start-server.js');
  const { chooseSocketPath } = await import('../../ipc/socket-path.js');
  const log = serverLogPath(dataDir);
  const deadline = Date.now() + UP_TIMEOUT_MS;
  let started = false;
  let lastWords: LastWords | null = null;
  let problem = 'it did not come up in time';
  while (Date.now() < deadline) {
    const said = await askServer(chooseSocketPath(dataDir)).catch((error: unknown) => {
      // A stopped one would answer nobody: another takes its place.
      if (error instanceof SilentServerError && endStoppedOwner(dataDir)) return null;
      throw error;
    });
    const report = said?.popstash === 'report' ? said : null;
    if (report?.storage === 'ready') return { report, wasRunning: !started };
    if (report?.storage === 'failed') {
      // One that serves nothing, and that nobody but this command has started, is not left behind.
      if (started) await stopServer(chooseSocketPath(dataDir)).catch(() => null);
      if (report.problem) throw new AppError({ code: 'not_ready', ...report.problem });
      problem = 'its storage could not be opened';
    }
    if (!said && !started) {
      started = true;
      startServer(dataDir, (code, words) => {
        lastWords = words;
        if (code !== 0) problem = `it ended with code ${code}`;
      });
    }
    if (problem !== 'it did not come up in time') break;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
  if (lastWords) throw new AppError({ code: 'not_ready', ...(lastWords as LastWords) });
  throw new AppError({
    code: 'not_ready',
    message: `The local server is not up: ${problem}.`,
    fix: `Its log says why: ${log}`,
    retryable: true,
  });
}
