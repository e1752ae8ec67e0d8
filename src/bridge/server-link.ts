import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bye, decodeFromServer } from '../ipc/control-protocol.js';
import { createLineSplitter } from '../ipc/split-lines.js';
import type { FoundServer } from './find-server.js';

/**
 * States of the link.
 * connecting: a server is looked for, or started; calls wait.
 * attached: a server is connected.
 * parted: a person stopped the server (`popstash down`). The next one starts when there is work for it; meanwhile the
 * link joins a server that somebody else starts.
 * joining: parted, and looking whether there is such a server.
 * unreachable: no server was found and none could be started; the next call tries again.
 * closed: the client is gone.
 */
type State =
  | { name: 'connecting' | 'parted' | 'joining' | 'unreachable' | 'closed' }
  | { name: 'attached'; socket: Socket; since: number; bye: Bye['reason'] | null };

export interface ServerLinkOptions {
  /** Finds a server or starts one. @throws Error saying why there is none */
  find: (successorUntil: number) => Promise<FoundServer>;
  /** Connects to a server that runs; null when none does. */
  join: () => Promise<FoundServer | null>;
  /** A server was attached: it must hear what its predecessor knew, before anything else. */
  onAttached: (socket: Socket, pid: number) => void;
  /** One line of MCP from the server. */
  onLine: (line: Buffer) => void;
  /** The server is gone; another one may follow. */
  onLost: () => void;
  /** No server was found or started: the calls that wait will not be answered. */
  onUnreachable: (reason: Error) => void;
  /** Whether calls wait for an answer. */
  hasWork: () => boolean;
}

export interface ServerLink {
  /** The attached server's socket; null when a line can't be sent now. */
  socket(): Socket | null;
  /** There is work: looks for a server unless that is under way. */
  wake(): void;
  /** Looks whether somebody else started a server, if that is what is waited for. */
  look(): void;
  close(): void;
}

/** A successor announced by a parting server is awaited this long before this bridge starts one itself, in ms. */
const SUCCESSOR_MS = 8_000;
/** A connection that ends sooner than this, in ms, was none; so many in a row are a fault to be told. */
const SHORT_LIVED_MS = 1_000;
const MAX_SHORT_LIVED = 5;
/** Pause after the first short-lived connection, in ms; twice as long after each further one. */
const SHORT_LIVED_PAUSE_MS = 100;

/** Keeps a server attached while servers end, die and change; see State for what it does when there is none. */
export function createServerLink(options: ServerLinkOptions): ServerLink {
  let state: State = { name: 'unreachable' };
  /** Connections in a row that ended as soon as they were made. */
  let shortLived = 0;
  let successorUntil = Number.NEGATIVE_INFINITY;

  const isClosed = (): boolean => state.name === 'closed';

  async function connect(): Promise<void> {
    state = { name: 'connecting' };
    try {
      if (shortLived > MAX_SHORT_LIVED) throw new Error('it hangs up as soon as it is connected');
      if (shortLived > 0) await sleep(SHORT_LIVED_PAUSE_MS * 2 ** (shortLived - 1));
      attach(await options.find(successorUntil));
    } catch (error) {
      if (isClosed()) return;
      state = { name: 'unreachable' };
      shortLived = 0;
      options.onUnreachable(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async function join(): Promise<void> {
    state = { name: 'joining' };
    const found = await options.join();
    if (found) attach(found);
    else if (!isClosed()) part();
  }

  function part(): void {
    state = { name: 'parted' };
    if (options.hasWork()) void connect();
  }

  function attach({ socket, rest, greeting }: FoundServer): void {
    if (isClosed()) {
      socket.destroy();
      return;
    }
    const attached = { name: 'attached' as const, socket, since: performance.now(), bye: null as Bye['reason'] | null };
    state = attached;
    const split = createLineSplitter(
      (line) => {
        const control = decodeFromServer(line);
        if (control?.popstash === 'bye') attached.bye = control.reason;
        else if (!control) options.onLine(line);
      },
      Number.POSITIVE_INFINITY,
      () => undefined,
    );
    socket.on('data', split);
    socket.on('error', () => undefined);
    socket.on('close', () => state === attached && lose(attached.since, attached.bye));
    options.onAttached(socket, greeting.pid);
    if (rest.length > 0) split(rest);
  }

  function lose(since: number, bye: Bye['reason'] | null): void {
    const now = performance.now();
    shortLived = now - since < SHORT_LIVED_MS && bye === null ? shortLived + 1 : 0;
    successorUntil = bye === 'handover' ? now + SUCCESSOR_MS : Number.NEGATIVE_INFINITY;
    options.onLost();
    if (bye === 'stopping') part();
    else void connect();
  }

  return {
    socket: () => (state.name === 'attached' ? state.socket : null),
    wake: () => void ((state.name === 'parted' || state.name === 'unreachable') && connect()),
    look: () => void (state.name === 'parted' && join()),
    close() {
      if (state.name === 'attached') state.socket.destroy();
      state = { name: 'closed' };
    },
  };
}
