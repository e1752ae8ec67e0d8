import { basename, join } from 'node:path';
import type * as z from 'zod';
import { listFilesBelow } from '../transcripts/list-files.js';
import type { ClientSource, FileContext, RowReader } from '../transcripts/source-types.js';
import type { TokenCounts, UsageRecord } from '../usage.js';
import {
  callSchema,
  MAX_COPY_PAUSE_MS,
  NEW_THREAD,
  type Row,
  rowSchema,
  type State,
  sessionMeta,
  settings,
  stateSchema,
  threadSettings,
  tokenCount,
  type tokens,
  usageRecord,
} from './codex-rows.js';

/*
 * Codex: `sessions/<year>/<month>/<day>/rollout-<time>-<thread>.jsonl`, later moved to `archived_sessions`. Newer versions
 * (seen in 0.171) tell each response with its id in a `token_usage_record`. Older ones write only `token_count`: the thread's running total
 * and the last response's part in it, again and again. A thread that was forked or spawned may begin with a copy of its
 * parent's rows, which are the parent's requests.
 */

function open(saved: unknown, file: FileContext): RowReader {
  let state: State | null = saved === null ? null : stateSchema.parse(saved);
  return {
    readRow(value) {
      const row = rowSchema.parse(value);
      if (row.type === 'session_meta') {
        // A copied head holds the parent's as well: the first is the file's own.
        state ??= startThread(row);
        return [];
      }
      state ??= unknownThread(file);
      if (isInHead(row, state)) {
        followHead(row, state);
        return [];
      }
      return readOwnRow(row, state, file);
    },
    save: () => state,
  };
}

function startThread({ timestamp, payload }: Row): State {
  const meta = sessionMeta.parse(payload);
  const isSubagent = meta.source?.subagent !== undefined;
  const parent = meta.forked_from_id ?? meta.source?.subagent?.thread_spawn?.parent_thread_id ?? null;
  const end = meta.subagent_history_start_ordinal;
  const isCopied = parent !== null && (meta.history_base ?? null) === null;
  return {
    ...NEW_THREAD,
    toolUseIds: [],
    thread: meta.id,
    sessionId: isSubagent ? (meta.session_id ?? parent ?? meta.id) : meta.id,
    parentSessionId: parent,
    isSubagent,
    cwd: meta.cwd,
    gitBranch: meta.git?.branch ?? null,
    version: meta.cli_version,
    provider: meta.model_provider,
    head: isCopied ? (typeof end === 'number' ? { endOrdinal: end } : { lastRowAt: timestamp }) : null,
  };
}

/** A file without its first row: its name ends with the thread. */
function unknownThread(file: FileContext): State {
  const name = basename(file.path, '.jsonl');
  const thread = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(name)?.[0] ?? name;
  return { ...NEW_THREAD, toolUseIds: [], thread, sessionId: thread };
}

function isInHead({ timestamp, ordinal }: Row, state: State): boolean {
  const { head } = state;
  if (head === null) return false;
  if ('endOrdinal' in head) return typeof ordinal === 'number' && ordinal < head.endOrdinal;
  return Date.parse(timestamp) - Date.parse(head.lastRowAt) < MAX_COPY_PAUSE_MS;
}

/** The parent's rows: their running total is where the thread's own begins, their model is the thread's until it says more. */
function followHead(row: Row, state: State): void {
  if (state.head && 'lastRowAt' in state.head) state.head = { lastRowAt: row.timestamp };
  const count = tokenCount.safeParse(row.payload);
  if (isEvent(row, 'token_count') && count.success && count.data.info)
    state.total = textOf(count.data.info.total_token_usage);
  if (row.type === 'turn_context') applySettings(row.payload, state);
  if (isEvent(row, 'thread_settings_applied')) applyThreadSettings(row.payload, state);
}

/** Rows of the thread itself. */
function readOwnRow(row: Row, state: State, file: FileContext): UsageRecord[] {
  state.head = null;
  if (row.type === 'turn_context') applySettings(row.payload, state);
  else if (isEvent(row, 'thread_settings_applied')) applyThreadSettings(row.payload, state);
  else if (row.type === 'response_item') noteCall(row.payload, state);
  else if (row.type === 'token_usage_record') {
    const { response_id, usage, thread_token_usage } = usageRecord.parse(row.payload);
    state.hasUsageRecords = true;
    return [toRecord(row, state, file, { requestId: response_id, usage, total: thread_token_usage ?? null })];
  } else if (isEvent(row, 'token_count')) {
    const { info } = tokenCount.parse(row.payload);
    // Repeated whenever the client learns something else, such as its rate limits: a response moves the total.
    if (!info?.last_token_usage || textOf(info.total_token_usage) === state.total || state.hasUsageRecords) return [];
    return [
      toRecord(row, state, file, { requestId: null, usage: info.last_token_usage, total: info.total_token_usage }),
    ];
  }
  return [];
}

function toRecord(
  row: Row,
  state: State,
  file: FileContext,
  {
    requestId,
    usage,
    total,
  }: { requestId: string | null; usage: z.infer<typeof tokens>; total: z.infer<typeof tokens> | null },
): UsageRecord {
  const { toolUseIds, webSearches } = state;
  state.toolUseIds = [];
  state.webSearches = 0;
  if (total) state.total = textOf(total);
  return {
    client: 'codex',
    sessionId: state.sessionId,
    requestId,
    // The running total is the same in both kinds of rows: they are one request.
    messageId: total ? `${state.thread}:${textOf(total)}` : null,
    isSidechain: state.isSubagent,
    agentId: state.isSubagent ? state.thread : null,
    parentSessionId: state.isSubagent ? null : state.parentSessionId,
    sessionBornAt: file.bornAt,
    toolUseIds,
    at: row.timestamp,
    clientVersion: state.version,
    cwd: state.cwd,
    gitBranch: state.gitBranch,
    model: state.model,
    provider: state.provider,
    tokens: codexTokens(usage),
    iterations: null,
    webSearches,
    serviceTier: state.serviceTier,
    speed: null,
    inferenceGeo: null,
    clientCost: null,
    witness: 'transcript',
    grade: 'transcript',
    isFinished: true,
    revision: 0,
    isCacheSplitKnown: true,
  };
}

/** Input includes what was read from and written to the cache; output includes reasoning. */
export function codexTokens(usage: z.infer<typeof tokens>): TokenCounts {
  const cacheRead = Math.min(usage.cached_input_tokens, usage.input_tokens);
  const cacheWrite5m = Math.min(usage.cache_write_input_tokens, usage.input_tokens - cacheRead);
  return {
    input: usage.input_tokens - cacheRead - cacheWrite5m,
    output: usage.output_tokens,
    reasoning: Math.min(usage.reasoning_output_tokens, usage.output_tokens),
    cacheRead,
    cacheWrite5m,
    cacheWrite1h: 0,
  };
}

function applySettings(payload: unknown, state: State): void {
  const { model, model_provider_id, cwd, service_tier } = settings.parse(payload);
  state.model = model ?? state.model;
  state.provider = model_provider_id ?? state.provider;
  state.cwd = cwd ?? state.cwd;
  state.serviceTier = service_tier ?? state.serviceTier;
}

function applyThreadSettings(payload: unknown, state: State): void {
  applySettings(threadSettings.parse(payload).thread_settings, state);
}

/** Calls stand before the response's usage. */
function noteCall(payload: unknown, state: State): void {
  const call = callSchema.parse(payload);
  if (call.type === 'web_search_call' && (call.action?.type ?? 'search') === 'search') state.webSearches += 1;
  if (call.call_id !== null && /^(function|custom_tool)_call$/.test(call.type ?? ''))
    state.toolUseIds.push(call.call_id);
}

function isEvent({ type, payload }: Row, name: string): boolean {
  return type === 'event_msg' && (payload as { type?: unknown } | null)?.type === name;
}

function textOf(usage: z.infer<typeof tokens>): string {
  const { input_tokens, cached_input_tokens, output_tokens, reasoning_output_tokens } = usage;
  return [input_tokens, cached_input_tokens, output_tokens, reasoning_output_tokens].join('-');
}

export const codex: ClientSource = {
  client: 'codex',
  async listFiles({ home, variables }) {
    const root = variables.CODEX_HOME || join(home, '.codex');
    const roots = [join(root, 'sessions'), join(root, 'archived_sessions')];
    const paths = await listFilesBelow(roots, /rollout-[^\\/]*\.jsonl$/);
    return paths.map((path) => ({ client: 'codex', path, format: 'lines' }));
  },
  lines: {
    // The settings of a turn or thread (`"model"`), its usage (`"token_count"`, `"token_usage_record"`) and its calls
    // (`"function_call"` and others). Few and short: each is looked for in the whole file.
    markers: ['"model"', '"token_', '_call"'],
    // `session_meta` stands first.
    readsFirstLine: true,
    open,
  },
};
