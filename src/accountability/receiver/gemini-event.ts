import * as z from 'zod';
import { geminiTokens } from '../clients/gemini.js';
import { text } from '../clients/row-fields.js';
import type { UsageRecord } from '../usage.js';
import { detailCount, eventTime, measuredRecord, tokenCount } from './event-fields.js';
import type { ReceivedLog } from './received-log.js';

/* Gemini CLI (seen: 0.61): `gemini_cli.api_response`, one for each answer, auxiliary ones too. It names no response. */

const response = z.object({
  'event.timestamp': text,
  'session.id': text,
  model: text,
  input_token_count: tokenCount,
  output_token_count: tokenCount,
  cached_content_token_count: detailCount,
  thoughts_token_count: detailCount,
  tool_token_count: detailCount,
  total_token_count: detailCount,
});

export function readGeminiEvent(log: ReceivedLog): UsageRecord {
  const event = response.parse(log.attributes);
  return measuredRecord({
    client: 'gemini',
    sessionId: event['session.id'] ?? '',
    at: eventTime(event['event.timestamp'], log),
    model: event.model,
    provider: 'google',
    tokens: geminiTokens({
      input: event.input_token_count,
      output: event.output_token_count,
      cached: event.cached_content_token_count,
      thoughts: event.thoughts_token_count,
      tool: event.tool_token_count,
      total: event.total_token_count,
    }),
    isCacheSplitKnown: true,
  });
}
