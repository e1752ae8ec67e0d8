import * as z from 'zod';
import { text } from '../clients/row-fields.js';
import type { UsageRecord } from '../usage.js';
import { detailCount, eventTime, measuredRecord, statedDollars, tokenCount } from './event-fields.js';
import type { ReceivedLog } from './received-log.js';

/* Claude Code (seen: 2.1.328): `claude_code.api_request`, one for each answered request, sub-agents' and titles' too. */

const request = z.object({
  'event.timestamp': text,
  'session.id': text,
  /** Absent where the provider gives none. */
  request_id: text,
  model: z.string(),
  input_tokens: tokenCount,
  output_tokens: tokenCount,
  cache_read_tokens: detailCount,
  /** For five minutes and for an hour together; newer versions tell both. */
  cache_creation_tokens: detailCount,
  cache_creation_1h_tokens: detailCount,
  cost_usd: statedDollars,
  speed: text,
  query_source: text,
  /** As the sub-agent's transcript names it. */
  agent_id: text,
  'anthropic.provider': text,
  'app.version': text,
  'service.version': text,
});

/** `agent:builtin:claude`; older versions: `subagent`. */
const OF_SUBAGENT = /^(?:subagent$|agent:)/;
/** The client's words for what transcripts and prices call otherwise. */
const PROVIDERS: Readonly<Record<string, string | null>> = { firstParty: 'anthropic', gateway: null };
const SPEEDS: Readonly<Record<string, string>> = { normal: 'standard' };

export function readClaudeEvent(log: ReceivedLog): UsageRecord {
  const event = request.parse(log.attributes);
  const { speed, agent_id: agentId, 'anthropic.provider': provider } = event;
  const cacheWrite1h = Math.min(event.cache_creation_1h_tokens, event.cache_creation_tokens);
  return measuredRecord({
    client: 'claude',
    sessionId: event['session.id'] ?? '',
    requestId: event.request_id,
    isSidechain: agentId !== null || OF_SUBAGENT.test(event.query_source ?? ''),
    agentId,
    at: eventTime(event['event.timestamp'], log),
    clientVersion: event['app.version'] ?? event['service.version'],
    model: event.model,
    tokens: {
      input: event.input_tokens,
      output: event.output_tokens,
      cacheRead: event.cache_read_tokens,
      cacheWrite5m: event.cache_creation_tokens - cacheWrite1h,
      cacheWrite1h,
    },
    provider: provider === null || Object.hasOwn(PROVIDERS, provider) ? (PROVIDERS[provider ?? ''] ?? null) : provider,
    speed: speed === null ? null : (SPEEDS[speed] ?? speed),
    clientCost: event.cost_usd,
    isCacheSplitKnown: log.attributes.cache_creation_1h_tokens !== undefined,
  });
}
