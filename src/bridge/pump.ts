import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

export interface Pump {
  /** Sends a client's line to the server, and reads no more of the client's until the server has taken it. */
  toServer(server: Socket, line: Buffer): void;
  /** The lines that are sent meanwhile reach the server at once: a call with its cancellation. */
  together(server: Socket | null, send: () => void): void;
  /** Sends a server's line to the client, and reads no more of the server's until the client has taken it. */
  toClient(data: Buffer | string): void;
  /** A server was attached: its lines flow. */
  attach(server: Socket): void;
  /** The server is gone: the client's lines flow, to wait for the next one. */
  detach(): void;
}

/** Copies lines between a client's pipes and a server's socket, with back-pressure both ways. */
export function createPump(stdin: Readable, stdout: Writable): Pump {
  let source: Socket | null = null;
  let stdoutFull = false;

  return {
    toServer(server, line) {
      if (server.write(line)) return;
      stdin.pause();
      server.once('drain', () => stdin.resume());
    },
    together(server, send) {
      server?.cork();
      send();
      server?.uncork();
    },
    toClient(data) {
      if (stdout.write(data) || stdoutFull) return;
      stdoutFull = true;
      source?.pause();
      stdout.once('drain', () => {
        stdoutFull = false;
        source?.resume();
      });
    },
    attach(server) {
      source = server;
      if (!stdoutFull) server.resume();
    },
    detach() {
      source = null;
      stdin.resume();
    },
  };
}
