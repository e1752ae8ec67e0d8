import type { Readable, Writable } from 'node:stream';
import { type ClientSession, readClientSession } from '../accountability/clients/call-ids.js';
import { readClientFolder } from '../accountability/clients/client-folder.js';
import { chooseDataDir, type Environment, homeFolder } from '../config.js';
import { AppError } from '../errors.js';
import { wordForAgents } from '../hooks/install/launcher/command-here.js';
import type { Hello } from '../ipc/control-protocol.js';
import { findTerminal } from '../ipc/find-terminal.js';
import { askServer, SilentServerError } from '../ipc/reach-server.js';
import { isStarting, readOwner } from '../ipc/read-owner.js';
import { readLife } from '../ipc/read-process.js';
import { chooseSocketPath } from '../ipc/socket-path.js';
import { createLineSplitter } from '../ipc/split-lines.js';
import { serverLogPath } from '../ipc/start-server.js';
import { dropLongLine, MAX_LINE_BYTES } from '../mcp/transport/drop-long-line.js';
import { INPUT_ENDED_LINE } from '../mcp/transport/input-ended.js';
import { findPackage } from '../package-root.js';
import { type BridgeSession, createBridgeSession } from './bridge-session.js';
import type { CallFailure } from './failure-line.js';
import { createSilenceCount, findServer, joinServer } from './find-server.js';
import { createPump, type Pump } from './pump.js';
import { createServerLink, type ServerLink } from './server-link.js';
import { createServerWatch, type ServerWatch } from './watch-server.js';

export interface BridgeOptions {
  dataDir: string;
  version: string;
  cwd: string;
  project: string | undefined;
  clientFolder: string | undefined;
  worktrees: string | undefined;
  terminal: string | undefined;
  clientSession: ClientSession | undefined;
  stdin: Readable;
  stdout: Writable;
  /** A text with the commands in it as they work here. */
  word(text: string): string;
}

/** How long a server may take to listen, in ms, before the waiting calls are answered with an error. */
const PATIENCE_MS = 30_000;
/** With stdin at its end, answers still under way are awaited this long, in ms: each call has a deadline of its own. */
const LAST_ANSWERS_MS = 60_000;
/** How often a bridge looks whether its parent lives and, once parted, for a server that somebody else started, in ms. */
const CHECK_MS = 2_000;

/** `popstash mcp` in embedded mode, on this process's stdio. */
export async function runBridge(env: Environment): Promise<void> {
  const setFlag = process.getBuiltinModule('node:v8').setFlagsFromString;
  // Copying bytes needs no optimised code, whose compiler takes 6 MB of memory.
  setFlag('--no-opt');
  // A line that was passed on is garbage. Collected at each megabyte, garbage never takes the 30 MB that it otherwise would.
  setFlag('--semi-space-growth-factor=1');
  setFlag('--gc-global');
  await bridgeStdio({
    dataDir: chooseDataDir(env),
    version: findPackage().version,
    cwd: process.cwd(),
    project: env.POPSTASH_PROJECT,
    clientFolder: readClientFolder(env),
    worktrees: env.POPSTASH_WORKTREES,
    terminal: findTerminal(env),
    clientSession: readClientSession(env),
    stdin: process.stdin,
    stdout: process.stdout,
    word: wordForAgents(env),
  });
  process.exit(0);
}

/**
 * Copies MCP messages between a client's stdio and the local server, which it starts when none runs. Servers may die and
 * change under it (server-link.ts); the client sees one session (bridge-session.ts). Resolves when the client is gone.
 *
 * No handler for SIGTERM: the default action ends the process even while a write to a client that doesn't read blocks.
 */
function bridgeStdio(options: BridgeOptions): Promise<void> {
  const { stdin, stdout } = options;
  return new Promise((resolve) => {
    const session = createBridgeSession();
    const pump = createPump(stdin, stdout);
    let stdinEnded = false;

    const { link, watch } = linkServer(options, session, pump, {
      hasEnded: () => stdinEnded,
      onAnswered: () => stdinEnded && session.pending() === 0 && finish(),
    });

    // Passed on first, taken note of while the other side works: nothing happens between the two.
    function fromClient(line: Buffer): void {
      const server = link.socket();
      if (server) pump.toServer(server, line);
      session.fromClient(line, server !== null);
      if (server) watch.called();
      else link.wake();
    }

    function onStdinEnd(): void {
      if (stdinEnded) return;
      stdinEnded = true;
      lines.end();
      if (session.pending() === 0) {
        finish();
        return;
      }
      link.socket()?.write(INPUT_ENDED_LINE);
      setTimeout(finish, LAST_ANSWERS_MS);
    }

    function finish(): void {
      clearInterval(checks);
      watch.unfollow();
      link.close();
      stdin.destroy();
      resolve();
    }

    const parent = process.ppid;
    const checks = setInterval(() => (process.ppid === parent ? link.look() : finish()), CHECK_MS);
    const lines = createLineSplitter(fromClient, MAX_LINE_BYTES, (begin) => dropLongLine(begin, pump.toClient));
    stdin.on('data', (chunk: Buffer) => pump.together(link.socket(), () => lines(chunk)));
    stdin.on('end', onStdinEnd).on('close', onStdinEnd).on('error', finish);
    stdout.on('error', finish);
    link.wake();
  });
}

interface ClientSide {
  /** Its input has ended. */
  hasEnded(): boolean;
  /** Fewer calls may be waiting than before. */
  onAnswered(): void;
}

function linkServer(
  options: BridgeOptions,
  session: BridgeSession,
  pump: Pump,
  { hasEnded, onAnswered }: ClientSide,
): { link: ServerLink; watch: ServerWatch } {
  const { dataDir } = options;
  const target = { path: () => chooseSocketPath(dataDir), hello: introduce(options), silence: createSilenceCount() };

  function fail(reason: Error): void {
    for (const line of session.fail(describeFailure(reason, options))) pump.toClient(line);
    onAnswered();
  }

  const watch = createServerWatch({
    pending: session.pending,
    isStarting: () => isStarting(readOwner(dataDir)),
    probe: async () => (await askServer(target.path())) !== null,
    onSilent() {
      const failure = describeFailure(new SilentServerError(target.path()), options);
      const { errors, cancels } = session.abandon(failure);
      for (const line of errors) pump.toClient(line);
      for (const line of cancels) link.socket()?.write(line);
      onAnswered();
    },
  });
  const link = createServerLink({
    find: (successorUntil) => findServer({ ...target, dataDir, successorUntil, patienceMs: PATIENCE_MS }),
    join: () => joinServer(target),
    hasWork: () => session.pending() > 0,
    onAttached(server, pid) {
      const { lines, refused } = session.replay();
      for (const line of lines) server.write(line);
      if (hasEnded()) server.write(INPUT_ENDED_LINE);
      for (const line of refused) pump.toClient(line);
      pump.attach(server);
      watch.follow({ pid, pidStart: readLife(pid)?.start });
    },
    onLine(line) {
      watch.heard();
      // Only after a change of servers must a line be read before it may be passed on.
      if (session.swallows()) {
        if (session.fromServer(line)) pump.toClient(line);
      } else {
        pump.toClient(line);
        session.fromServer(line);
      }
      onAnswered();
    },
    onLost() {
      watch.unfollow();
      pump.detach();
    },
    onUnreachable: fail,
  });
  return { link, watch };
}

/** What the client is told of calls that no server carries out. */
function describeFailure(reason: Error, { dataDir, word }: BridgeOptions): CallFailure {
  const log = serverLogPath(dataDir);
  const retry = `Call again to try once more; if it stays so, ask the user to read ${log} or to run \`popstash up\`.`;
  const { code, fix, retryable } =
    reason instanceof AppError ? reason : { code: 'not_ready' as const, fix: retry, retryable: true };
  const text = reason.message.replace(/\.$/, '');
  return { code, message: `PopStash's local server can't be reached: ${text}.`, fix: word(fix), retryable, log };
}

function introduce({ version, cwd, project, clientFolder, worktrees, terminal, clientSession }: BridgeOptions): Hello {
  return {
    popstash: 'hello',
    version,
    pid: process.pid,
    bridge: `${process.pid}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`,
    cwd,
    home: homeFolder(),
    ...(project !== undefined && { project }),
    ...(clientFolder !== undefined && { clientFolder }),
    ...(worktrees !== undefined && { worktrees }),
    ...(terminal !== undefined && { terminal }),
    ...(clientSession !== undefined && { clientSession }),
  };
}
