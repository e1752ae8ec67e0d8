import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.js';
import { encodeControl, type Hello } from '../ipc/control-protocol.js';
import { endProcess, isSameProcess, isStopped } from '../ipc/end-owner.js';
import { isOlder } from '../ipc/is-older.js';
import { type ReachedServer, reachServer, SilentServerError, untilClosed } from '../ipc/reach-server.js';
import type { LastWords } from '../ipc/read-last-words.js';
import { isStarting, type Owner, readOwner } from '../ipc/read-owner.js';
import { startServer } from '../ipc/start-server.js';

/** A connection over which a server has welcomed this bridge. */
export interface FoundServer {
  socket: Socket;
  /** Bytes that came behind the welcome. */
  rest: Buffer;
  greeting: { pid: number };
}

export interface FindServerOptions {
  dataDir: string;
  /** The server's socket, as it is now. */
  path: () => string;
  /** What this bridge says first. */
  hello: Hello;
  /** How long a server may take to listen, in ms. */
  patienceMs: number;
  silence: SilenceCount;
  /** Until then, by performance.now(), a server that was announced is awaited before one is started. */
  successorUntil: number;
}

/** A server that has accepted the connection must greet within this, in ms; so often it is asked before calls fail. */
const GREETING_MS = 1_500;
const MAX_GREETINGS = 3;
const MAX_GREETINGS_AT_START = 10;
/** One that was silent more often in a row is beyond hope, though it is not stopped: 20 s. */
const MAX_SILENT = 12;
/** Another server is started when the last one does not listen after this long, in ms. */
const RESTART_MS = 5_000;
/** Servers that ended as soon as they were started, before this bridge gives up. */
const MAX_FAILED_STARTS = 3;
/** Pauses between two tries, in ms: longer each time by this factor, up to the last. */
const RETRY_MS = { first: 10, factor: 1.5, last: 200 };

/**
 * Finds a server that is at least as new as this bridge, or starts one. An older one is asked to finish what it does and
 * to leave; its successor is this bridge's own version.
 * @throws Error saying why there is none
 */
export async function findServer(options: FindServerOptions): Promise<FoundServer> {
  const { hello } = options;
  const deadline = performance.now() + options.patienceMs;
  const starter = createStarter(options);
  let replaced = false;
  for (let attempt = 0; ; attempt += 1) {
    const server = await reachUnlessSilent(options);
    if (server && isWelcome(server)) {
      if (replaced || !(await isOlder(server.greeting.version, hello.version))) return server;
      replaced = true;
      server.socket.write(encodeControl({ popstash: 'handover' }));
      await untilClosed(server.socket);
    } else server?.socket.destroy();
    if (starter.failures() >= MAX_FAILED_STARTS) {
      const words = starter.lastWords();
      if (words) throw new AppError({ code: 'not_ready', ...words, retryable: true });
      throw new Error('it ended as soon as it was started, three times');
    }
    if (performance.now() > deadline) throw new Error('it did not come to listen in time');
    starter.startWhenDue();
    await sleep(Math.min(RETRY_MS.first * RETRY_MS.factor ** attempt, RETRY_MS.last));
  }
}

/**
 * Connects, and ends a server that is stopped: it would answer nobody. One that is not may be short of processor time.
 * @throws SilentServerError when it goes on saying nothing
 */
async function reachUnlessSilent({ dataDir, path, hello, silence }: FindServerOptions): Promise<ReachedServer | null> {
  for (let attempt = 1; ; attempt += 1) {
    const owner = readOwner(dataDir);
    try {
      const server = await reachServer(path(), hello, GREETING_MS);
      silence.tries = 0;
      return server;
    } catch (error) {
      if (!(error instanceof SilentServerError)) throw error;
      const isHopeless = silence.note(owner) > MAX_SILENT;
      if (owner && isSameProcess(owner, readOwner(dataDir)) && (isStopped(owner) || isHopeless) && endProcess(owner))
        return null;
      if (attempt >= (isStarting(owner) ? MAX_GREETINGS_AT_START : MAX_GREETINGS)) throw error;
    }
  }
}

/** How often in a row one server has said nothing. */
export interface SilenceCount {
  tries: number;
  /** @returns how often it was silent, this time included */
  note(owner: Owner | null): number;
}

export function createSilenceCount(): SilenceCount {
  let silent: Owner | null = null;
  return {
    tries: 0,
    note(owner) {
      this.tries = isSameProcess(silent, owner) ? this.tries + 1 : 1;
      silent = owner;
      return this.tries;
    },
  };
}

/**
 * Connects to a server that somebody else started; starts none.
 * @returns null when there is none, or an older one than this bridge
 */
export async function joinServer({
  path,
  hello,
}: Pick<FindServerOptions, 'path' | 'hello'>): Promise<FoundServer | null> {
  const server = await Promise.resolve()
    .then(() => reachServer(path(), hello))
    .catch(() => null);
  if (server && isWelcome(server) && !(await isOlder(server.greeting.version, hello.version))) return server;
  server?.socket.destroy();
  return null;
}

function isWelcome(
  server: ReachedServer,
): server is ReachedServer & { greeting: { popstash: 'welcome'; version: string; pid: number } } {
  return server.greeting.popstash === 'welcome';
}

function createStarter({ dataDir, successorUntil }: FindServerOptions) {
  let startedAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let lastWords: LastWords | null = null;
  return {
    failures: () => failures,
    lastWords: () => lastWords,
    startWhenDue(): void {
      const now = performance.now();
      if (now <= successorUntil || now - startedAt <= RESTART_MS) return;
      startedAt = now;
      startServer(dataDir, (code, words) => {
        // 0: another server has the folder.
        if (code === 0) return;
        failures += 1;
        lastWords = words ?? lastWords;
        startedAt = Number.NEGATIVE_INFINITY;
      });
    },
  };
}
