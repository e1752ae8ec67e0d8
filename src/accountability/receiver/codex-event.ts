import * as z from 'zod';
import { text } from '../clients/row-fields.js';
import type { UsageRecord } from '../usage.js';
import { eventTime, measuredRecord, tokenCount } from './event-fields.js';
import type { ReceivedLog } from './received-log.js';

/* Codex: `codex.sse_event` of kind `response.completed`, one for each response. It names no response. */

const response = z.object({
  'event.timestamp': text,
  'conversation.id': text,
  model: text,
  slug: text,
  /** Includes what was read from and written to the cache. */
  input_token_count: tokenCount,
  cached_token_count: tokenCount,
  /** Includes reasoning. */
  output_token_count: tokenCount,
  reasoning_token_count: tokenCount,
  'app.version': text,
});

export function readCodexEvent(log: ReceivedLog): UsageRecord | null {
  const { attributes } = log;
  // The other kinds are parts of an answer; an answer that could not be read has no counts.
  if (attributes['event.kind'] !== 'response.completed' || attributes.input_token_count === undefined) return null;
  const event = response.parse(attributes);
  const cacheRead = Math.min(event.cached_token_count, event.input_token_count);
  return measuredRecord({
    client: 'codex',
    sessionId: event['conversation.id'] ?? '',
    at: eventTime(event['event.timestamp'], log),
    clientVersion: event['app.version'],
    model: event.model ?? event.slug,
    tokens: {
      input: event.input_token_count - cacheRead,
      output: event.output_token_count,
      reasoning: Math.min(event.reasoning_token_count, event.output_token_count),
      cacheRead,
    },
  });
}
