/** What a client or server may have put where a JSON-RPC message has these: anything. */
export interface Envelope {
  id?: unknown;
  method?: unknown;
  params?: { requestId?: unknown; uri?: unknown; _meta?: Record<string, unknown> } | null;
}

/** A line as a message; null when it is none. */
export function parse(line: Buffer): Envelope | null {
  try {
    const message: unknown = JSON.parse(line.toString('utf8'));
    return typeof message === 'object' && message !== null ? (message as Envelope) : null;
  } catch {
    return null;
  }
}

/** The same call of a tool with these in its `_meta`; null for another request. */
export function markCall(line: Buffer, meta: Record<string, unknown>): Buffer | null {
  const message = parse(line);
  if (message?.method !== 'tools/call' || typeof message.params !== 'object' || message.params === null) return null;
  message.params._meta = { ...message.params._meta, ...meta };
  try {
    return Buffer.from(`${JSON.stringify(message)}\n`);
  } catch {
    // Nested too deeply to be written: the server refuses it anyway.
    return null;
  }
}
