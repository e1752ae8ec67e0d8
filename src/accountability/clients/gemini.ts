import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { readFileTask } from '../../files/foreign-file-tasks.js';
import { runFileTask } from '../../files/run-file-task.js';
import { listFilesBelow } from '../transcripts/list-files.js';
import type { ClientSource, FileContext, RowReader, UsageFile } from '../transcripts/source-types.js';
import type { TokenCounts, UsageRecord } from '../usage.js';
import { nameAnsweredCall } from './answered-task.js';
import { readEach } from './read-each.js';
import { count, moment, text } from './row-fields.js';

/*
 * Gemini CLI: `~/.gemini/tmp/<project>/chats/session-*.json`, in newer versions `.jsonl`; a sub-agent's in a folder named after its
 * parent. A line is a message, the session's metadata, or `$set` with a change of either; a message is written again when it
 * changes, and the last row of an id holds.
 */

const tokenSchema = z.object({
  input: count,
  output: count,
  cached: count,
  thoughts: count,
  tool: count,
  total: count,
});

type GeminiCounts = z.infer<typeof tokenSchema>;

const messageSchema = z.object({
  id: z.string(),
  timestamp: moment,
  model: text,
  tokens: tokenSchema,
  toolCalls: z
    .array(z.object({ id: text, name: text, result: z.unknown() }).catch({ id: null, name: null, result: null }))
    .nullish()
    .catch(null),
});

const stateSchema = z.object({ sessionId: z.string(), isSubagent: z.boolean(), rows: z.number() });
type State = z.infer<typeof stateSchema>;

function open(saved: unknown, file: FileContext): RowReader {
  const state = saved === null ? newState(file) : stateSchema.parse(saved);
  return {
    readRow(row) {
      state.rows += 1;
      applyMetadata(row, state);
      const { $set } = (row ?? {}) as { $set?: unknown };
      return [row, ...messagesOf(row), ...messagesOf($set)].flatMap((message) => readMessage(message, state, file));
    },
    save: () => state,
  };
}

function readMessage(value: unknown, { sessionId, isSubagent, rows }: State, file: FileContext): UsageRecord[] {
  const { type, tokens } = (value ?? {}) as { type?: unknown; tokens?: unknown };
  // The tokens of an answer may be written after it.
  if (type !== 'gemini' || tokens === null || tokens === undefined) return [];
  const message = messageSchema.parse(value);
  return [
    {
      client: 'gemini',
      sessionId: isSubagent ? basename(dirname(file.path)) : sessionId,
      requestId: null,
      messageId: message.id,
      isSidechain: isSubagent,
      agentId: isSubagent ? sessionId : null,
      parentSessionId: null,
      sessionBornAt: file.bornAt,
      toolUseIds: (message.toolCalls ?? []).flatMap(({ id, name, result }) => [
        ...(id === null ? [] : [id]),
        ...nameAnsweredCall(name, result),
      ]),
      at: message.timestamp,
      clientVersion: null,
      cwd: file.cwd,
      gitBranch: null,
      model: message.model,
      provider: 'google',
      tokens: geminiTokens(message.tokens),
      iterations: null,
      webSearches: 0,
      serviceTier: null,
      speed: null,
      inferenceGeo: null,
      clientCost: null,
      witness: 'transcript',
      grade: 'transcript',
      isFinished: true,
      revision: rows,
      isCacheSplitKnown: true,
    },
  ];
}

/** Thoughts are billed as output. What was cached lies within the input, unless the total says that it does not. */
export function geminiTokens({ input, output, cached, thoughts, tool, total }: GeminiCounts): TokenCounts {
  const isApart = cached > 0 && total === input + cached + output + thoughts + tool;
  return {
    input: (isApart ? input : Math.max(0, input - cached)) + tool,
    output: output + thoughts,
    reasoning: thoughts,
    cacheRead: isApart ? cached : Math.min(cached, input),
    cacheWrite5m: 0,
    cacheWrite1h: 0,
  };
}

function newState(file: FileContext): State {
  return { sessionId: basename(file.path).replace(/\.jsonl?$/, ''), isSubagent: false, rows: 0 };
}

function applyMetadata(row: unknown, state: State): void {
  const { sessionId, kind } = (row ?? {}) as { sessionId?: unknown; kind?: unknown };
  if (typeof sessionId === 'string') state.sessionId = sessionId;
  if (kind === 'subagent') state.isSubagent = true;
}

function messagesOf(holder: unknown): unknown[] {
  const { messages } = (holder ?? {}) as { messages?: unknown };
  return Array.isArray(messages) ? messages : [];
}

/** Of the path of a folder. */
const MAX_ROOT_BYTES = 4_096;

/** The client keeps each project's path beside its chats. */
async function readProjectRoot(path: string): Promise<string | undefined> {
  const parent = dirname(path);
  const chats = basename(parent) === 'chats' ? parent : dirname(parent);
  const file = join(dirname(chats), '.project_root');
  const root = await runFileTask(readFileTask, file, MAX_ROOT_BYTES).catch(() => null);
  return root?.trim() || undefined;
}

export const gemini: ClientSource = {
  client: 'gemini',
  async listFiles({ home, variables }) {
    const root = join(variables.GEMINI_CLI_HOME || home, '.gemini', 'tmp');
    const paths = await listFilesBelow([root], /[\\/]chats[\\/].*\.jsonl?$/);
    return Promise.all(
      paths.map(async (path): Promise<UsageFile> => {
        const cwd = await readProjectRoot(path);
        const format = path.endsWith('l') ? 'lines' : 'document';
        return { client: 'gemini', path, format, ...(cwd === undefined ? {} : { cwd }) };
      }),
    );
  },
  lines: { markers: ['"tokens"', '"sessionId"'], open },
  document: {
    read(document, _saved, file) {
      const state = newState(file);
      applyMetadata(document, state);
      return { ...readEach(messagesOf(document), (message) => readMessage(message, state, file)), saved: null };
    },
  },
};
