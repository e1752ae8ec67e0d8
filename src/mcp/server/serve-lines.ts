import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { LineTransport } from '../transport/line-transport.js';
import { createDirectCalls } from './direct-calls.js';
import type { Connection } from './open-connection.js';

/** Serves a connection over lines, in the era that its client's first message chooses. */
export function serveLines(connection: Connection, transport: LineTransport, onError: (error: Error) => void): void {
  transport.direct = createDirectCalls({ call: connection.call, client: connection.client, transport });
  serveStdio(connection.createServer, { transport, onerror: onError });
}
