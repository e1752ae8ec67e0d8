import type { CallToolRequest, CallToolResult, JSONRPCMessage, RequestId } from '@modelcontextprotocol/server';
import type { DirectCalls, LineTransport } from '../transport/line-transport.js';
import type { CallExtra } from './answer-call.js';
import type { ClientFacts } from './callers.js';

export interface DirectCallsOptions {
  call: (params: CallToolRequest['params'], extra: CallExtra) => Promise<CallToolResult>;
  /** Who has initialised. */
  client: () => ClientFacts;
  transport: Pick<LineTransport, 'send' | 'protocolVersion'>;
}

type Params = CallToolRequest['params'];

/** What is said of a request beside these is left to the SDK. */
const PARAMS: ReadonlySet<string> = new Set(['name', 'arguments', '_meta']);
const PROTOCOL_META = 'io.modelcontextprotocol/';
const INTERNAL_ERROR = -32_603;

/**
 * Answers the plain `tools/call` of a client that has initialised, as the SDK's server would: that checks each message by
 * schemas up to six times on its way in and out, which takes longer than all that PopStash itself does with a short call.
 * Everything else goes to the SDK (docs/decisions/calls-past-the-sdk.md).
 */
export function createDirectCalls({ call, client, transport }: DirectCallsOptions): DirectCalls {
  const underWay = new Map<RequestId, AbortController>();

  async function answer(id: RequestId, params: Params): Promise<void> {
    const controller = new AbortController();
    underWay.set(id, controller);
    const outcome = await settle(params, {
      requestId: id,
      signal: controller.signal,
      _meta: params._meta,
      sendNotification: (notification) => transport.send({ jsonrpc: '2.0', ...notification }),
      protocolVersion: transport.protocolVersion,
      client: client(),
    });
    if (underWay.get(id) === controller) underWay.delete(id);
    // A cancelled request gets no answer.
    if (!controller.signal.aborted) await transport.send({ jsonrpc: '2.0', id, ...outcome } as JSONRPCMessage);
  }

  async function settle(params: Params, extra: CallExtra): Promise<{ result: CallToolResult } | { error: object }> {
    try {
      return { result: await call(params, extra) };
    } catch (error) {
      const { code, message, data } = error as { code?: unknown; message?: string; data?: unknown };
      return {
        error: {
          code: Number.isSafeInteger(code) ? code : INTERNAL_ERROR,
          message: message ?? 'Internal error',
          ...(data !== undefined && { data }),
        },
      };
    }
  }

  return {
    take(message) {
      if (transport.protocolVersion === undefined || !isPlainCall(message)) return false;
      // Fails only when the answer can't be written: the client has gone.
      answer(message.id, message.params).catch(() => undefined);
      return true;
    },
    cancel: (id) => underWay.get(id)?.abort(),
  };
}

/** Whether a message is a call that the SDK would pass on unchanged. */
function isPlainCall(message: JSONRPCMessage): message is JSONRPCMessage & { id: RequestId; params: Params } {
  if (!('method' in message) || !('id' in message) || message.method !== 'tools/call') return false;
  const { params } = message;
  if (params === undefined || !Object.keys(params).every((name) => PARAMS.has(name))) return false;
  const { name, arguments: args, _meta: meta = {} } = params;
  if (typeof name !== 'string' || !(args === undefined || isObject(args)) || !isObject(meta)) return false;
  const token = meta.progressToken;
  if (token !== undefined && typeof token !== 'string' && !Number.isSafeInteger(token)) return false;
  return !Object.keys(meta).some((key) => key.startsWith(PROTOCOL_META));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
