import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWakeablePause } from '../../async/wakeable-pause.js';
import type { Logger } from '../../logger.js';
import { createExportAnswer, type ExportDeps } from './answer-export.js';

/** Clients' settings name this address: no other machine reaches it. */
const HOST = '127.0.0.1';
/** A port that is taken is tried again after this long, in ms: a server that ends may still have it. */
const RETRY_MS = 10_000;
/** For the head and for the whole of a request, in ms. */
const HEAD_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;
const MAX_CONNECTIONS = 64;

export interface ReceiverOptions extends ExportDeps {
  /** 0 takes any free one. */
  port: number;
  /** Between two attempts to take the port, in ms. */
  retryMs?: number;
}

export interface Receiver {
  /** Where it listens; null while another program has the port. */
  port(): number | null;
  /** Takes no more requests, and waits for those under way. */
  close(): Promise<void>;
}

/**
 * Receives the clients' own telemetry by OTLP/HTTP on the loopback address, and gives what it says about requests to the
 * ledger. Only numbers and names are kept. If the port is taken, the log says so and it is tried again.
 */
export async function startReceiver({ port, retryMs = RETRY_MS, ...deps }: ReceiverOptions): Promise<Receiver> {
  const { logger } = deps;
  const server = createReceiverServer(deps);
  const pause = createWakeablePause({ keepsProcess: false });
  let isClosed = false;
  let isTold = false;

  async function listen(): Promise<boolean> {
    try {
      await listenOn(server, port);
      logger.info({ port: portOf(server) }, "receives the clients' own telemetry");
      return true;
    } catch (error) {
      if (!isTold) warn(logger, port, error);
      isTold = true;
      return false;
    }
  }

  async function retry(): Promise<void> {
    for (;;) {
      await pause.wait(retryMs);
      if (isClosed || (await listen())) return;
    }
  }

  const retrying = (await listen()) ? Promise.resolve() : retry();
  return {
    port: () => portOf(server),
    async close() {
      isClosed = true;
      pause.wake();
      await retrying;
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await closed;
    },
  };
}

function createReceiverServer(deps: ExportDeps): Server {
  const answer = createExportAnswer(deps);
  const timeouts = { headersTimeout: HEAD_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
  const server = createServer(timeouts, (request, response) => void answer(request, response));
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function portOf(server: Server): number | null {
  return server.listening ? (server.address() as AddressInfo).port : null;
}

function warn(logger: Logger, port: number, error: unknown): void {
  logger.warn(
    { err: error, port },
    `clients can't send their usage: port ${port} can't be had; costs are read from their files alone. ` +
      'POPSTASH_RECEIVER_PORT names another port, popstash init --measure-costs writes it into their settings.',
  );
}
