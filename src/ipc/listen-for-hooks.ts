import { rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join, sep } from 'node:path';
import type { Logger } from '../logger.js';
import { makeFolders } from '../make-folders.js';
import type { ProjectIdentities } from '../project/project-identities.js';
import type { Workplace } from '../project/resolve-project.js';
import { type AnswerHook, answerHook } from './answer-hook.js';
import { decodeFromClient, type HookVerdict } from './control-protocol.js';
import { listenOnSocket } from './listen-on-socket.js';
import { readFirstLine } from './read-first-line.js';
import { chooseFrontSocket, chooseFrontsFolder } from './socket-path.js';

/** A hook says all it has to say at once. */
const REQUEST_TIMEOUT_MS = 5_000;
const ELSEWHERE: HookVerdict = { popstash: 'verdict', decision: 'pass', elsewhere: true };

export interface HookListenerOptions {
  dataDir: string;
  /**
   * Where this process's agent works: it answers for that project and for repositories within its worktree, for no other
   * one, whose data may be elsewhere.
   */
  workplace: Workplace;
  identities: Pick<ProjectIdentities, 'resolve' | 'identify'>;
  answer: AnswerHook;
  logger: Logger;
}

export interface HookListener {
  /** Accepts no further hook, and removes the socket's file. */
  close(): void;
}

/**
 * Server mode has no process of its own that hooks could ask, so each front answers for its project, for any agent: the
 * database is the same.
 */
export async function listenForHooks(options: HookListenerOptions): Promise<HookListener> {
  const { dataDir, logger } = options;
  const folder = chooseFrontsFolder(dataDir);
  const path = chooseFrontSocket(dataDir, process.pid);
  const entry = join(folder, `${process.pid}.sock`);
  makeFolders(folder);
  // Of a process that had this pid before.
  rmSync(entry, { force: true });
  const server = await listenOnSocket(
    path,
    (socket) => void serve(socket, options),
    (error) => logger.warn({ err: error }, 'hooks can not reach this process'),
  );
  if (process.platform === 'win32') writeFileSync(entry, '');
  // Hooks don't keep a front alive.
  server.unref();
  return {
    close() {
      server.close();
      rmSync(entry, { force: true });
    },
  };
}

async function serve(socket: Socket, { workplace, identities, answer, logger }: HookListenerOptions): Promise<void> {
  socket.unref();
  const said = await readFirstLine(socket, { timeoutMs: REQUEST_TIMEOUT_MS });
  if (said.line === null) return;
  const request = decodeFromClient(said.line);
  if (request?.popstash !== 'hook') {
    socket.destroy();
    return;
  }
  const isOurs = async () => {
    const { id, root, folder } = await identities.resolve(request.cwd, request.project);
    const isOfProject = root === workplace.root || id === (await identities.identify(workplace.root));
    return isOfProject || (workplace.isKnown && `${folder}${sep}`.startsWith(`${workplace.worktree}${sep}`));
  };
  await answerHook(socket, request, async () => ((await isOurs()) ? await answer(request) : ELSEWHERE), logger);
}
