import { basename, dirname } from 'node:path';
import * as z from 'zod';
import type { DocumentRecords, FileContext } from '../transcripts/source-types.js';
import type { UsageRecord } from '../usage.js';
import { readEach } from './read-each.js';
import { count, dollars, text } from './row-fields.js';

/*
 * Cline's command line: `sessions/<session>/<session>.messages.json`, and one such file beside it for each sub-agent. An
 * answer has the tokens and the cost of its request.
 */

const documentSchema = z.object({
  agent: text,
  origin: z.object({ version: text }).nullish().catch(null),
  system_prompt: text,
  messages: z.array(z.unknown()),
});

const messageSchema = z.object({
  id: z.string(),
  ts: z.int().min(0).max(8.64e15),
  content: z.array(z.object({ type: text, id: text }).catch({ type: null, id: null })).catch([]),
  modelInfo: z.object({ id: text, provider: text }).nullish().catch(null),
  metrics: z.object({
    /** All input, what was read from and written to the cache included. */
    inputTokens: count,
    outputTokens: count,
    cacheReadTokens: count,
    cacheWriteTokens: count,
    cost: dollars,
  }),
});

/** The answers that were read, by id, with their metrics: the document is read again whenever it grows. */
const savedSchema = z.record(z.string(), z.string());

/** The agent that the user talks to. */
const LEAD = 'lead';

/** Reads a session of the command line. */
export function readSession(document: unknown, value: unknown, file: FileContext): DocumentRecords {
  const saved = savedSchema.safeParse(value).data ?? {};
  const session = documentSchema.parse(document);
  const rows = session.messages.filter(isAnswer);
  const reading = readEach(rows, (row) => {
    const message = messageSchema.parse(row);
    const metrics = JSON.stringify(message.metrics);
    if (saved[message.id] === metrics) return [];
    saved[message.id] = metrics;
    return [toRecord(message, session, file)];
  });
  return { ...reading, saved };
}

function isAnswer(row: unknown): boolean {
  const { role, metrics } = (row ?? {}) as { role?: unknown; metrics?: unknown };
  return role === 'assistant' && metrics !== null && metrics !== undefined;
}

function toRecord(
  { id, ts, content, modelInfo, metrics }: z.infer<typeof messageSchema>,
  session: z.infer<typeof documentSchema>,
  file: FileContext,
): UsageRecord {
  const sessionId = basename(dirname(file.path));
  const agentId = session.agent === null || session.agent === LEAD ? null : session.agent;
  const cacheRead = Math.min(metrics.cacheReadTokens, metrics.inputTokens);
  const cacheWrite5m = Math.min(metrics.cacheWriteTokens, metrics.inputTokens - cacheRead);
  return {
    client: 'cline',
    sessionId,
    requestId: null,
    messageId: `${sessionId}:${id}`,
    isSidechain: agentId !== null,
    agentId,
    parentSessionId: null,
    sessionBornAt: file.bornAt,
    toolUseIds: content.flatMap((part) => (part.type === 'tool_use' && part.id !== null ? [part.id] : [])),
    at: new Date(ts).toISOString(),
    clientVersion: session.origin?.version ?? null,
    // The prompt's description of the environment is the only place of this file that names the folder.
    cwd: /Working Directory: (\S[^\n]*)/.exec(session.system_prompt ?? '')?.[1]?.trim() ?? file.cwd,
    gitBranch: null,
    model: modelInfo?.id ?? null,
    provider: modelInfo?.provider ?? null,
    tokens: {
      input: metrics.inputTokens - cacheRead - cacheWrite5m,
      output: metrics.outputTokens,
      reasoning: 0,
      cacheRead,
      cacheWrite5m,
      cacheWrite1h: 0,
    },
    iterations: null,
    webSearches: 0,
    serviceTier: null,
    speed: null,
    inferenceGeo: null,
    clientCost: metrics.cost,
    witness: 'transcript',
    grade: 'transcript',
    isFinished: true,
    revision: 0,
    isCacheSplitKnown: true,
  };
}
