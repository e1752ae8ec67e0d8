import type { JSONRPCMessage } from '@modelcontextprotocol/server';

const METHOD = 'notifications/cancelled';

/** Whether a line may cancel a request, told without parsing it. */
export function isCancellation(line: Buffer): boolean {
  return line.includes(METHOD);
}

/** Which request a message cancels; undefined where it cancels none. */
export function cancelledId(message: JSONRPCMessage): string | number | undefined {
  if (!('method' in message) || message.method !== METHOD) return undefined;
  const { requestId } = (message.params ?? {}) as { requestId?: unknown };
  return typeof requestId === 'string' || typeof requestId === 'number' ? requestId : undefined;
}
