import * as z from 'zod';
import { codexTokens } from '../clients/codex.js';
import { text } from '../clients/row-fields.js';
import type { UsageRecord } from '../usage.js';
import { detailCount, eventTime, measuredRecord, tokenCount } from './event-fields.js';
import type { ReceivedLog } from './received-log.js';

/*
 * Codex (seen: 0.171): `codex.sse_event` of kind `response.completed`, twice for each response, once of them with its counts.
 * It names no response; a sub-agent's has the sub-agent's own thread.
 */

const response = z.object({
  'event.timestamp': text,
  'conversation.id': text,
  model: text,
  slug: text,
  /** Includes what was read from and written to the cache. */
  input_token_count: tokenCount,
  cached_token_count: detailCount,
  cache_write_token_count: detailCount,
  /** Includes reasoning. */
  output_token_count: tokenCount,
  reasoning_token_count: detailCount,
  'app.version': text,
});

export function readCodexEvent(log: ReceivedLog): UsageRecord | null {
  const { attributes } = log;
  // The other kinds are parts of an answer.
  if (attributes['event.kind'] !== 'response.completed' || attributes.input_token_count === undefined) return null;
  const event = response.parse(attributes);
  return measuredRecord({
    client: 'codex',
    sessionId: event['conversation.id'] ?? '',
    at: eventTime(event['event.timestamp'], log),
    clientVersion: event['app.version'],
    model: event.model ?? event.slug,
    tokens: codexTokens({
      input_tokens: event.input_token_count,
      cached_input_tokens: event.cached_token_count,
      cache_write_input_tokens: event.cache_write_token_count,
      output_tokens: event.output_token_count,
      reasoning_output_tokens: event.reasoning_token_count,
    }),
    // Older versions do not tell what was written to the cache: it is in the input.
    isCacheSplitKnown: attributes.cache_write_token_count !== undefined,
  });
}
