import { basename, dirname } from 'node:path';
import * as z from 'zod';
import type { DocumentRecords, FileContext } from '../transcripts/source-types.js';
import type { UsageRecord } from '../usage.js';
import { readEach } from './read-each.js';
import { count, dollars, text } from './row-fields.js';

/*
 * Cline's extension: `ui_messages.json` of each task, rewritten with every message. `api_req_started` gets its tokens when the answer
 * ends. When the user goes back in a task, its later messages are deleted and one `deleted_api_reqs` holds their sum.
 */

const messageSchema = z.object({
  ts: z.int().min(0).max(8.64e15),
  text: z.string(),
  modelInfo: z.object({ providerId: text, modelId: text }).nullish().catch(null),
});

const requestSchema = z.object({
  request: text,
  tokensIn: z.int().min(0).nullish(),
  tokensOut: count,
  cacheWrites: count,
  cacheReads: count,
  cost: dollars,
});

type Request = z.infer<typeof requestSchema>;

const figures = z.object({ input: z.number(), output: z.number(), writes: z.number(), reads: z.number() });
type Figures = z.infer<typeof figures>;

const NONE: Figures = { input: 0, output: 0, writes: 0, reads: 0 };

/** All that was read of the task so far, requests and sums of deleted ones, by their time. */
const savedSchema = z.record(z.string(), figures);
type Saved = z.infer<typeof savedSchema>;

/** Reads a task of the extension. */
export function readTask(document: unknown, value: unknown, file: FileContext): DocumentRecords {
  const saved: Saved = savedSchema.safeParse(value).data ?? {};
  const rows = z.array(z.unknown()).parse(document);
  const present = new Set(rows.map((row) => String((row as { ts?: unknown } | null)?.ts)));
  return { ...readEach(rows, (row) => readRow(row, saved, present, file)), saved };
}

function readRow(row: unknown, saved: Saved, present: ReadonlySet<string>, file: FileContext): UsageRecord[] {
  const message = parseMessage(row);
  const { tokensIn, tokensOut, cacheWrites, cacheReads } = message?.request ?? {};
  // The tokens are written when the answer ends.
  if (!message || tokensIn === undefined || tokensIn === null) return [];
  const own: Figures = { input: tokensIn, output: tokensOut ?? 0, writes: cacheWrites ?? 0, reads: cacheReads ?? 0 };
  const known = saved[message.ts];
  if (known && sum(subtract(own, known)) === 0) return [];
  // Deleted requests that were read before are entries already: only the rest of the sum is new.
  const taken = message.say === 'deleted_api_reqs' ? takeDeleted(saved, present) : NONE;
  saved[message.ts] = own;
  const rest = subtract(own, taken);
  return sum(rest) === 0 ? [] : [toRecord(message, rest, sum(taken) === 0, file)];
}

/** The sum of what was read and is no longer there; it is forgotten. */
function takeDeleted(saved: Saved, present: ReadonlySet<string>): Figures {
  const gone = Object.keys(saved).filter((ts) => !present.has(ts));
  const taken = gone.reduce((total, ts) => combine(total, saved[ts] ?? NONE, (a, b) => a + b), NONE);
  for (const ts of gone) delete saved[ts];
  return taken;
}

function subtract(a: Figures, b: Figures): Figures {
  return combine(a, b, (x, y) => Math.max(0, x - y));
}

function combine(a: Figures, b: Figures, operation: (a: number, b: number) => number): Figures {
  return {
    input: operation(a.input, b.input),
    output: operation(a.output, b.output),
    writes: operation(a.writes, b.writes),
    reads: operation(a.reads, b.reads),
  };
}

function sum({ input, output, writes, reads }: Figures): number {
  return input + output + writes + reads;
}

interface Message {
  ts: number;
  say: 'api_req_started' | 'deleted_api_reqs';
  request: Request;
  modelInfo: { providerId: string | null; modelId: string | null } | null;
}

function parseMessage(value: unknown): Message | null {
  const { say } = (value ?? {}) as { say?: unknown };
  if (say !== 'api_req_started' && say !== 'deleted_api_reqs') return null;
  const { text, ts, modelInfo } = messageSchema.parse(value);
  return { ts, say, request: requestSchema.parse(JSON.parse(text)), modelInfo: modelInfo ?? null };
}

function toRecord(
  { ts, request, modelInfo }: Message,
  figures: Figures,
  isWhole: boolean,
  file: FileContext,
): UsageRecord {
  const task = basename(dirname(file.path));
  return {
    client: 'cline',
    sessionId: task,
    requestId: `${task}:${ts}`,
    messageId: null,
    isSidechain: false,
    agentId: null,
    parentSessionId: null,
    sessionBornAt: file.bornAt,
    toolUseIds: [],
    at: new Date(ts).toISOString(),
    clientVersion: null,
    // The prompt's description of the environment is the only place that names the folder.
    cwd: /# Current Working Directory \(([^)\n]+)\)/.exec(request.request ?? '')?.[1] ?? file.cwd,
    gitBranch: null,
    model: modelInfo?.modelId ?? null,
    provider: modelInfo?.providerId ?? null,
    tokens: {
      input: figures.input,
      output: figures.output,
      reasoning: 0,
      cacheRead: figures.reads,
      cacheWrite5m: figures.writes,
      cacheWrite1h: 0,
    },
    iterations: null,
    webSearches: 0,
    serviceTier: null,
    speed: null,
    inferenceGeo: null,
    // The client's figure for a sum says nothing about a part of it.
    clientCost: isWhole ? request.cost : null,
    witness: 'transcript',
    grade: 'transcript',
    isFinished: true,
    revision: 0,
    isCacheSplitKnown: true,
  };
}
