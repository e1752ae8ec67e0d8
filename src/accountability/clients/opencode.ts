import { dirname, join } from 'node:path';
import * as z from 'zod';
import { defineFileTask } from '../../files/file-task.js';
import { runFileTask } from '../../files/run-file-task.js';
import { listFilesBelow } from '../transcripts/list-files.js';
import type { ClientSource, DatabaseReading } from '../transcripts/source-types.js';
import type { TokenCounts, UsageRecord } from '../usage.js';
import { nameAnsweredCall } from './answered-task.js';
import { CHANGED_MESSAGES, MESSAGE_PARTS, openSqlite, ROOT_SESSION, type SqliteDatabase } from './opencode-sql.js';
import { readEach } from './read-each.js';
import { count, dollars, milliseconds, text } from './row-fields.js';

/*
 * opencode: a SQLite database. A message has parts; each request of a model ends with a part `step-finish`, which holds its
 * tokens and what opencode itself makes of its cost.
 */

const tokenSchema = z.object({
  total: count,
  input: count,
  output: count,
  reasoning: count,
  cache: z.object({ read: count, write: count }).nullish(),
});

const messageSchema = z.object({
  role: text,
  modelID: text,
  providerID: text,
  path: z.object({ cwd: text }).nullish().catch(null),
});

const rowSchema = z.object({
  message_id: z.string(),
  message_data: z.string(),
  session_id: z.string(),
  parent_id: text,
  directory: text,
  version: text,
  born_at: milliseconds,
});
type Row = z.infer<typeof rowSchema>;

const partSchema = z.object({
  id: z.string(),
  created_at: milliseconds,
  type: z.string(),
  call_id: text,
  tokens: text,
  cost: dollars,
  tool: text,
  answer: text,
});
type Part = z.infer<typeof partSchema>;

const partsSchema = z.array(partSchema);

const idsSchema = z.array(z.object({ id: z.string() }));

const positionSchema = z.object({ message_id: z.string(), updated_at: z.number() });

const savedSchema = z.object({ updatedAt: z.number(), messageId: z.string() });
type Saved = z.infer<typeof savedSchema>;

/** Read again with each reading: messages of one moment may become visible after later ones. In ms. */
const OVERLAP_MS = 2000;
/** Longest reading of so many rows, in ms. */
const READ_MS = 10_000;

async function read(path: string, value: unknown, maxRows: number): Promise<DatabaseReading> {
  const saved = savedSchema.safeParse(value).data ?? { updatedAt: -1, messageId: '' };
  let database: SqliteDatabase | string;
  try {
    database = await openSqlite(path);
  } catch (error) {
    return { kind: 'not-read', reason: `not read: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (typeof database === 'string') return { kind: 'not-read', reason: database };
  try {
    return readMessages(database, saved, maxRows);
  } catch (error) {
    // Another version of the client may have other tables.
    return { kind: 'not-read', reason: `not read: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    database.close();
  }
}

function readMessages(database: SqliteDatabase, saved: Saved, maxRows: number): DatabaseReading {
  const rows = database.prepare(CHANGED_MESSAGES).all(saved.updatedAt, saved.messageId, maxRows);
  const { records, badRows } = readEach(rows, (row) => readMessage(database, rowSchema.parse(row)));
  const isAtEnd = rows.length < maxRows;
  const last = rows.length > 0 ? positionSchema.parse(rows.at(-1)) : null;
  const updatedAt = last?.updated_at ?? saved.updatedAt;
  const next: Saved = isAtEnd
    ? { updatedAt: Math.max(saved.updatedAt, updatedAt - OVERLAP_MS), messageId: '' }
    : { updatedAt, messageId: last?.message_id ?? '' };
  return { kind: 'read', records, saved: next, isAtEnd, badRows };
}

/** One record for each finished step, with the tool calls since the step before. */
function readMessage(database: SqliteDatabase, row: Row): UsageRecord[] {
  const message = messageSchema.parse(JSON.parse(row.message_data));
  if (message.role !== 'assistant') return [];
  const parts = partsSchema.parse(database.prepare(MESSAGE_PARTS).all(row.message_id));
  const root = row.parent_id === null ? row.session_id : findRoot(database, row.session_id);
  const records: UsageRecord[] = [];
  let calls: string[] = [];
  for (const part of parts) {
    if (part.call_id !== null) calls.push(part.call_id);
    calls.push(...nameAnsweredCall(part.tool, part.answer));
    if (part.type !== 'step-finish') continue;
    records.push(toRecord(row, message, part, { root, calls }));
    calls = [];
  }
  return records;
}

function toRecord(
  row: Row,
  message: z.infer<typeof messageSchema>,
  part: Part,
  { root, calls }: { root: string; calls: string[] },
): UsageRecord {
  const isSubagent = row.parent_id !== null;
  return {
    client: 'opencode',
    sessionId: root,
    requestId: part.id,
    messageId: null,
    isSidechain: isSubagent,
    agentId: isSubagent ? row.session_id : null,
    parentSessionId: null,
    sessionBornAt: row.born_at,
    toolUseIds: calls,
    at: part.created_at,
    clientVersion: row.version,
    cwd: message.path?.cwd ?? row.directory,
    gitBranch: null,
    model: message.modelID,
    provider: message.providerID,
    tokens: tokensOf(tokenSchema.parse(JSON.parse(part.tokens ?? 'null'))),
    iterations: null,
    webSearches: 0,
    serviceTier: null,
    speed: null,
    inferenceGeo: null,
    clientCost: part.cost,
    witness: 'transcript',
    grade: 'transcript',
    isFinished: true,
    revision: 0,
    isCacheSplitKnown: true,
  };
}

/** Reasoning stands beside output, unless the total says that it lies within. */
function tokensOf({ total, input, output, reasoning, cache }: z.infer<typeof tokenSchema>): TokenCounts {
  const { read: cacheRead = 0, write: cacheWrite5m = 0 } = cache ?? {};
  const isWithin = reasoning > 0 && total === input + output + cacheRead + cacheWrite5m;
  return {
    input,
    output: isWithin ? output : output + reasoning,
    reasoning: isWithin ? Math.min(reasoning, output) : reasoning,
    cacheRead,
    cacheWrite5m,
    cacheWrite1h: 0,
  };
}

function findRoot(database: SqliteDatabase, sessionId: string): string {
  const rows = idsSchema.parse(database.prepare(ROOT_SESSION).all(sessionId));
  return rows[0]?.id ?? sessionId;
}

/** SQLite reads in the thread that calls it. @see LATER_TASKS */
export const readTask = defineFileTask(
  'read-opencode',
  (_folder, path: string, saved: unknown, maxRows: number) => read(path, saved, maxRows),
  { maxMs: READ_MS },
);

export const opencode: ClientSource = {
  client: 'opencode',
  async listFiles({ home, variables }) {
    const root = join(variables.XDG_DATA_HOME || join(home, '.local', 'share'), 'opencode');
    const paths = await listFilesBelow([root], /(^|[\\/])opencode[^\\/]*\.db$/);
    return paths.map((path) => ({ client: 'opencode', path, format: 'database' }));
  },
  database: {
    read: (path, saved, maxRows) => runFileTask(readTask, dirname(path), path, saved, maxRows),
  },
};
