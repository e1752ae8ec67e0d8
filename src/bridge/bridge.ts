import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { chooseDataDir, type Environment } from '../config.js';
import {
  type Bye,
  compareVersions,
  decodeControl,
  encodeControl,
  type Hello,
  type Welcome,
} from '../ipc/control-protocol.js';
import { reachServer, serverLogPath, startServer, untilClosed } from '../ipc/reach-server.js';
import { chooseSocketPath } from '../ipc/socket-path.js';
import { createLineSplitter } from '../ipc/split-lines.js';
import { dropLongLine, MAX_LINE_BYTES } from '../mcp/transport/drop-long-line.js';
import { findPackage } from '../package-root.js';
import { createBridgeSession } from './bridge-session.js';

export interface BridgeOptions {
  dataDir: string;
  version: string;
  cwd: string;
  project: string | undefined;
  stdin: Readable;
  stdout: Writable;
  /** How long a server may take to listen, in ms, before the waiting calls are answered with an error. */
  patienceMs?: number;
}

const PATIENCE_MS = 30_000;
/** Another server is started when the last one has not come to listen after this long, in ms. */
const RESTART_MS = 5_000;
/** A successor announced by a parting server is awaited this long before this bridge starts one itself, in ms. */
const SUCCESSOR_MS = 8_000;
/** With stdin at its end, answers still under way are awaited this long, in ms. */
const LAST_ANSWERS_MS = 5_000;
/** How often a bridge looks whether its parent lives, and, after its server was stopped, for another's server, in ms. */
const CHECK_MS = 2_000;
/** A connection that ends sooner than this, in ms, was none; so many in a row are a fault to be told. */
const SHORT_LIVED_MS = 1_000;
const MAX_SHORT_LIVED = 5;

/** `popstash mcp` in embedded mode, on this process's stdio. */
export async function runBridge(env: Environment): Promise<void> {
  // Copying bytes needs no optimised code, whose compiler takes 6 MB of memory.
  process.getBuiltinModule('node:v8').setFlagsFromString('--no-opt');
  await bridgeStdio({
    dataDir: chooseDataDir(env),
    version: findPackage().version,
    cwd: process.cwd(),
    project: env.POPSTASH_PROJECT,
    stdin: process.stdin,
    stdout: process.stdout,
  });
  process.exit(0);
}

/**
 * Copies MCP messages between a client's stdio and the local server, which it starts when none runs. Servers may die and
 * change under it; the client sees one session. Resolves when the client is gone.
 *
 * No handler for SIGTERM: the default action ends the process even while a write to a client that doesn't read blocks.
 */
export function bridgeStdio(options: BridgeOptions): Promise<void> {
  const { stdin, stdout, dataDir } = options;
  const path = chooseSocketPath(dataDir);
  const session = createBridgeSession();
  const bridge = `${process.pid}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  const hello: Hello = {
    popstash: 'hello',
    version: options.version,
    pid: process.pid,
    bridge,
    cwd: options.cwd,
    ...(options.project !== undefined && { project: options.project }),
  };
  let server: Socket | null = null;
  let connecting = false;
  let successorUntil = 0;
  let stdoutFull = false;
  /** A person stopped the server: this bridge starts none without work, but joins one that somebody else started. */
  let parted = false;
  /** Connections in a row that ended as soon as they were made. */
  let shortLived = 0;

  return new Promise((resolve) => {
    function finish(): void {
      clearInterval(parentCheck);
      server?.destroy();
      server = null;
      stdin.destroy();
      resolve();
    }

    function toClient(data: Buffer | string): void {
      if (stdout.write(data) || stdoutFull) return;
      stdoutFull = true;
      server?.pause();
      stdout.once('drain', () => {
        stdoutFull = false;
        server?.resume();
      });
    }

    // Passed on first, taken note of while the other side works: nothing happens between the two.
    function fromClient(line: Buffer): void {
      const to = server;
      if (to && !to.write(line)) {
        stdin.pause();
        to.once('drain', () => stdin.resume());
      }
      session.fromClient(line, to !== null);
      if (!to) void connect();
    }

    function fromServer(line: Buffer): void {
      if (session.swallows()) {
        if (session.fromServer(line)) toClient(line);
        return;
      }
      toClient(line);
      session.fromServer(line);
    }

    async function connect(): Promise<void> {
      if (connecting) return;
      connecting = true;
      try {
        if (shortLived > MAX_SHORT_LIVED) throw new Error('it hangs up as soon as it is connected');
        if (shortLived > 0) await delay(50 * 2 ** shortLived);
        const found = await findServer();
        attach(found.socket, found.rest);
      } catch (error) {
        shortLived = 0;
        giveUp(error instanceof Error ? error.message : String(error));
      } finally {
        connecting = false;
      }
    }

    /** An agent that holds locks is expected at the next server within seconds; see settle-agents.ts. */
    async function rejoin(): Promise<void> {
      if (!parted || server || connecting) return;
      connecting = true;
      const line = await reachServer(path, hello).catch(() => null);
      connecting = false;
      const found = line?.greeting.popstash === 'welcome' ? (line.greeting as Welcome) : null;
      if (line && found && compareVersions(found.version, options.version) >= 0) attach(line.socket, line.rest);
      else line?.socket.destroy();
      if (!server && session.pending() > 0) void connect();
    }

    async function findServer(): Promise<{ socket: Socket; rest: Buffer }> {
      const deadline = Date.now() + (options.patienceMs ?? PATIENCE_MS);
      let startedAt = Number.NEGATIVE_INFINITY;
      let failures = 0;
      let replaced = false;
      for (let attempt = 0; ; attempt += 1) {
        const line = await reachServer(path, hello);
        if (line?.greeting.popstash === 'welcome') {
          if (replaced || compareVersions((line.greeting as Welcome).version, options.version) >= 0) return line;
          // Older than this bridge: it finishes what it does and goes; this bridge's own one follows.
          replaced = true;
          line.socket.write(encodeControl({ popstash: 'handover' }));
          await untilClosed(line.socket);
        }
        const now = Date.now();
        if (failures >= 3) throw new Error('it ended as soon as it was started, three times');
        if (now > deadline) throw new Error('it did not come to listen in time');
        if (now > successorUntil && now - startedAt > RESTART_MS) {
          startedAt = now;
          startServer(dataDir, (code) => {
            if (code === 0) return;
            failures += 1;
            startedAt = Number.NEGATIVE_INFINITY;
          });
        }
        await delay(Math.min(10 * 1.5 ** attempt, 200));
      }
    }

    function attach(socket: Socket, rest: Buffer): void {
      server = socket;
      parted = false;
      successorUntil = 0;
      let bye: Bye['reason'] | null = null;
      const attachedAt = Date.now();
      const split = createLineSplitter(
        (line) => {
          const control = decodeControl(line);
          if (control) bye = control.popstash === 'bye' ? control.reason : bye;
          else fromServer(line);
          if (stdinEnded && session.pending() === 0) finish();
        },
        Number.POSITIVE_INFINITY,
        () => undefined,
      );
      socket.on('data', split);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (server !== socket) return;
        server = null;
        stdin.resume();
        shortLived = Date.now() - attachedAt < SHORT_LIVED_MS && bye === null ? shortLived + 1 : 0;
        if (bye === 'handover') successorUntil = Date.now() + SUCCESSOR_MS;
        // Told to stop by a person: the next server starts when there is work for it.
        parted = bye === 'stopping';
        if (!parted || session.pending() > 0) void connect();
      });
      const { lines, refused } = session.replay();
      for (const line of lines) socket.write(line);
      for (const line of refused) toClient(line);
      if (rest.length > 0) split(rest);
      if (!stdoutFull) socket.resume();
    }

    function giveUp(reason: string): void {
      const log = serverLogPath(dataDir);
      const message =
        `PopStash's local server can't be reached: ${reason}. ` +
        `Call again to try once more; if it stays so, ask the user to read ${log} or to run \`popstash up\`.`;
      for (const line of session.fail(message, { code: 'not_ready', retryable: true, log })) toClient(line);
      if (stdinEnded) finish();
    }

    let stdinEnded = false;
    const onStdinEnd = (): void => {
      if (stdinEnded) return;
      stdinEnded = true;
      if (session.pending() === 0) finish();
      else setTimeout(finish, LAST_ANSWERS_MS);
    };
    const parent = process.ppid;
    const parentCheck = setInterval(() => (process.ppid === parent ? void rejoin() : finish()), CHECK_MS);

    stdin.on(
      'data',
      createLineSplitter(fromClient, MAX_LINE_BYTES, (begin) => dropLongLine(begin, toClient)),
    );
    stdin.on('end', onStdinEnd);
    stdin.on('close', onStdinEnd);
    stdin.on('error', finish);
    stdout.on('error', finish);
    void connect();
  });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
