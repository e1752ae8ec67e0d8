import * as z from 'zod';
import { text } from '../clients/row-fields.js';
import type { UsageRecord } from '../usage.js';
import { eventTime, measuredRecord, statedDollars, tokenCount } from './event-fields.js';
import type { ReceivedLog } from './received-log.js';

/* Claude Code: `claude_code.api_request`, one for each answered request, retries included, sub-agents and titles too. */

const request = z.object({
  'event.timestamp': text,
  'session.id': text,
  /** Absent where the provider gives none. */
  request_id: text,
  model: z.string(),
  input_tokens: tokenCount,
  output_tokens: tokenCount,
  cache_read_tokens: tokenCount,
  /** For five minutes and for an hour together. */
  cache_creation_tokens: tokenCount,
  cost_usd: statedDollars,
  speed: text,
  query_source: text,
  'app.version': text,
  'service.version': text,
});

const SUBAGENT = 'subagent';

export function readClaudeEvent(log: ReceivedLog): UsageRecord {
  const event = request.parse(log.attributes);
  return measuredRecord({
    client: 'claude',
    sessionId: event['session.id'] ?? '',
    requestId: event.request_id,
    isSidechain: event.query_source === SUBAGENT,
    at: eventTime(event['event.timestamp'], log),
    clientVersion: event['app.version'] ?? event['service.version'],
    model: event.model,
    tokens: {
      input: event.input_tokens,
      output: event.output_tokens,
      cacheRead: event.cache_read_tokens,
      cacheWrite5m: event.cache_creation_tokens,
    },
    speed: event.speed,
    clientCost: event.cost_usd,
  });
}
