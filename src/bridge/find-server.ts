import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeControl, type Hello } from '../ipc/control-protocol.js';
import { isOlder } from '../ipc/is-older.js';
import { type ReachedServer, reachServer, untilClosed } from '../ipc/reach-server.js';
import { startServer } from '../ipc/start-server.js';

/** A connection over which a server has welcomed this bridge. */
export interface FoundServer {
  socket: Socket;
  /** Bytes that came behind the welcome. */
  rest: Buffer;
}

export interface FindServerOptions {
  dataDir: string;
  /** The server's socket, as it is now. */
  path: () => string;
  /** What this bridge says first. */
  hello: Hello;
  /** How long a server may take to listen, in ms. */
  patienceMs: number;
  /** Until then, by performance.now(), a server that was announced is awaited before one is started. */
  successorUntil: number;
}

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
  const { path, hello } = options;
  const deadline = performance.now() + options.patienceMs;
  const starter = createStarter(options);
  let replaced = false;
  for (let attempt = 0; ; attempt += 1) {
    const server = await reachServer(path(), hello);
    if (server && isWelcome(server)) {
      if (replaced || !(await isOlder(server.greeting.version, hello.version))) return server;
      replaced = true;
      server.socket.write(encodeControl({ popstash: 'handover' }));
      await untilClosed(server.socket);
    } else server?.socket.destroy();
    if (starter.failures() >= MAX_FAILED_STARTS) throw new Error('it ended as soon as it was started, three times');
    if (performance.now() > deadline) throw new Error('it did not come to listen in time');
    starter.startWhenDue();
    await sleep(Math.min(RETRY_MS.first * RETRY_MS.factor ** attempt, RETRY_MS.last));
  }
}

/**
 * Connects to a server that somebody else started; starts none.
 * @returns null when there is none, or an older one than this bridge
 */
export async function joinServer({
  path,
  hello,
}: Pick<FindServerOptions, 'path' | 'hello'>): Promise<FoundServer | null> {
  const server = await reachServer(path(), hello).catch(() => null);
  if (server && isWelcome(server) && !(await isOlder(server.greeting.version, hello.version))) return server;
  server?.socket.destroy();
  return null;
}

function isWelcome(
  server: ReachedServer,
): server is ReachedServer & { greeting: { popstash: 'welcome'; version: string } } {
  return server.greeting.popstash === 'welcome';
}

function createStarter({ dataDir, successorUntil }: FindServerOptions) {
  let startedAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  return {
    failures: () => failures,
    startWhenDue(): void {
      const now = performance.now();
      if (now <= successorUntil || now - startedAt <= RESTART_MS) return;
      startedAt = now;
      startServer(dataDir, (code) => {
        // 0: another server has the folder.
        if (code === 0) return;
        failures += 1;
        startedAt = Number.NEGATIVE_INFINITY;
      });
    },
  };
}
