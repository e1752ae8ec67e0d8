import { isRequestId } from '../mcp/transport/request-id.js';

/** What a client or server may have put where a JSON-RPC message has these: anything. */
export interface Envelope {
  id?: unknown;
  method?: unknown;
  result?: unknown;
  error?: unknown;
  params?: { requestId?: unknown; uri?: unknown; _meta?: Record<string, unknown> } | null;
}

/** A message of a line; null for what is none, but owes an answer all the same. */
export type ReadPart = Envelope | null;

/** The messages of a line: one, or those of a batch; none of a blank line. */
export function parse(line: Buffer): { parts: ReadPart[]; isBatch: boolean } {
  const text = line.toString('utf8').replace(/^\ufeff/, '');
  try {
    const value: unknown = JSON.parse(text);
    const isBatch = Array.isArray(value) && value.length > 0;
    return { parts: isBatch ? value.map(asEnvelope) : [asEnvelope(value)], isBatch };
  } catch {
    return { parts: text.trim() === '' ? [] : [null], isBatch: false };
  }
}

function asEnvelope(value: unknown): ReadPart {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Envelope) : null;
}

/** Under which id a message of a client is answered; `unnamed` for one whose own id is unusable, undefined for none. */
export function owedId(message: ReadPart): string | number | 'unnamed' | undefined {
  if (message === null) return 'unnamed';
  const has = (name: keyof Envelope) => Object.hasOwn(message, name);
  if (typeof message.method === 'string' ? !has('id') : has('result') || has('error')) return undefined;
  return isRequestId(message.id) ? message.id : 'unnamed';
}

/** The same call of a tool with these in its `_meta`; null for another request. */
export function markCall(line: Buffer, meta: Record<string, unknown>): Buffer | null {
  const [message] = parse(line).parts;
  if (message?.method !== 'tools/call' || typeof message.params !== 'object' || message.params === null) return null;
  message.params._meta = { ...message.params._meta, ...meta };
  return toLine(message);
}

/** A message as a line; null for one that is nested too deeply to be written: the server refuses it anyway. */
export function toLine(message: ReadPart): Buffer | null {
  try {
    return Buffer.from(`${JSON.stringify(message)}\n`);
  } catch {
    return null;
  }
}
