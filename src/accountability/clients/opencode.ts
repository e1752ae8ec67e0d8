import { basename, join } from 'node:path';
import { z } from 'zod';
import { listFilesBelow } from '../transcripts/list-files.js';
import type { ClientSource, DatabaseReading } from '../transcripts/source-types.js';
import type { TokenCounts, UsageRecord } from '../usage.js';
import { FINISHED_STEPS, MESSAGE_PARTS, openSqlite, ROOT_SESSION, type SqliteDatabase } from './opencode-sql.js';
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

const step = z.object({ tokens: tokenSchema, cost: dollars });

const message = z.object({
  modelID: text,
  providerID: text,
  path: z.object({ cwd: text }).nullish().catch(null),
});

const rowSchema = z.object({
  part_id: z.string(),
  part_data: z.string(),
  updated_at: milliseconds,
  message_id: z.string(),
  message_data: z.string(),
  session_id: z.string(),
  parent_id: text,
  directory: text,
  version: text,
  born_at: milliseconds,
});

const positionSchema = z.object({ part_id: z.string(), updated_at: z.number() });

const savedSchema = z.object({ updatedAt: z.number(), partId: z.string() });

/** Read again with each reading: parts of one moment may become visible after later ones. In ms. */
const OVERLAP_MS = 2000;

async function read(path: string, value: unknown, maxRows: number): Promise<DatabaseReading> {
  const saved = value === null ? { updatedAt: -1, partId: '' } : savedSchema.parse(value);
  let database: SqliteDatabase | string;
  try {
    database = await openSqlite(path);
  } catch (error) {
    return { kind: 'not-read', reason: `not read: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (typeof database === 'string') return { kind: 'not-read', reason: database };
  try {
    return readSteps(database, saved, maxRows);
  } catch (error) {
    // Another version of the client may have other tables.
    return { kind: 'not-read', reason: `not read: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    database.close();
  }
}

function readSteps(database: SqliteDatabase, saved: z.infer<typeof savedSchema>, maxRows: number): DatabaseReading {
  const rows = database.prepare(FINISHED_STEPS).all(saved.updatedAt, saved.partId, maxRows);
  const records: UsageRecord[] = [];
  let badRows = 0;
  for (const row of rows) {
    try {
      records.push(toRecord(database, rowSchema.parse(row)));
    } catch {
      badRows += 1;
    }
  }
  const isAtEnd = rows.length < maxRows;
  const last =
    rows.length > 0 ? positionSchema.parse(rows.at(-1)) : { part_id: saved.partId, updated_at: saved.updatedAt };
  const next = isAtEnd
    ? { updatedAt: Math.max(saved.updatedAt, last.updated_at - OVERLAP_MS), partId: '' }
    : { updatedAt: last.updated_at, partId: last.part_id };
  return { kind: 'read', records, saved: next, isAtEnd, badRows };
}

function toRecord(database: SqliteDatabase, row: z.infer<typeof rowSchema>): UsageRecord {
  const { tokens, cost } = step.parse(JSON.parse(row.part_data));
  const { modelID, providerID, path } = message.parse(JSON.parse(row.message_data));
  const isSubagent = row.parent_id !== null;
  return {
    client: 'opencode',
    sessionId: isSubagent ? findRoot(database, row.session_id) : row.session_id,
    requestId: row.part_id,
    messageId: null,
    isSidechain: isSubagent,
    agentId: isSubagent ? row.session_id : null,
    parentSessionId: null,
    sessionBornAt: row.born_at,
    toolUseIds: listCalls(database, row.message_id, row.part_id),
    at: row.updated_at,
    clientVersion: row.version,
    cwd: path?.cwd ?? row.directory,
    gitBranch: null,
    model: modelID,
    provider: providerID,
    tokens: tokensOf(tokens),
    iterations: null,
    webSearches: 0,
    serviceTier: null,
    speed: null,
    inferenceGeo: null,
    clientCost: cost,
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

/** The tool calls of one step: those after the step before. */
function listCalls(database: SqliteDatabase, messageId: string, stepId: string): string[] {
  const parts = z
    .array(z.object({ id: z.string(), type: z.string(), call_id: text }))
    .parse(database.prepare(MESSAGE_PARTS).all(messageId));
  const end = parts.findIndex(({ id }) => id === stepId);
  const before = parts.slice(0, Math.max(end, 0));
  const start = before.findLastIndex(({ type }) => type === 'step-finish') + 1;
  return before.slice(start).flatMap(({ call_id }) => (call_id === null ? [] : [call_id]));
}

function findRoot(database: SqliteDatabase, sessionId: string): string {
  const rows = z.array(z.object({ id: z.string() })).parse(database.prepare(ROOT_SESSION).all(sessionId));
  return rows[0]?.id ?? sessionId;
}

export const opencode: ClientSource = {
  client: 'opencode',
  async listFiles({ home, variables }) {
    const root = join(variables.XDG_DATA_HOME || join(home, '.local', 'share'), 'opencode');
    const paths = await listFilesBelow([root], (path) => /^opencode.*\.db$/.test(basename(path)));
    return paths.map((path) => ({ client: 'opencode', path, format: 'database' }));
  },
  database: { read },
};
