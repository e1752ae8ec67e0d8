import type { JSONRPCMessage } from '@modelcontextprotocol/server';

/** What a request of the modern era says of itself. */
const PROTOCOL_VERSION = 'io.modelcontextprotocol/protocolVersion';
/** Revisions in which each request stands alone. */
const MODERN = ['2026-07-28'];
/** The protocol's number for a revision that a server does not know. */
const UNSUPPORTED_VERSION = -32_022;

/**
 * The answer to a request in a revision that is not known. The SDK looks at the first request of a connection alone; here
 * each request stands for itself.
 */
export function refuseRevision(message: JSONRPCMessage): JSONRPCMessage | null {
  if (!('method' in message) || !('id' in message)) return null;
  const requested = message.params?._meta?.[PROTOCOL_VERSION];
  if (typeof requested !== 'string' || MODERN.includes(requested)) return null;
  const text = `Unsupported protocol version: ${requested.slice(0, 60)}`;
  const error = { code: UNSUPPORTED_VERSION, message: text, data: { supported: MODERN, requested } };
  return { jsonrpc: '2.0', id: message.id, error };
}
