import { basename, delimiter, dirname, join } from 'node:path';
import * as z from 'zod';
import { listFilesBelow } from '../transcripts/list-files.js';
import type {
  ClientSource,
  FileContext,
  RowReader,
  SourceEnvironment,
  UsageFile,
} from '../transcripts/source-types.js';
import { NO_TOKENS, type TokenCounts, type UsageRecord } from '../usage.js';
import { count, dollars, moment, text } from './row-fields.js';

/*
 * Claude Code: `projects/<folder>/<session>.jsonl`, and `<session>/subagents/agent-<id>.jsonl` beside it. A request is
 * written as several rows, one for each block of the answer, with the same ids; only the last has the whole output.
 */

const usage = z.object({
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: count,
  /** All cache writes; `cache_creation` says how long each lives. */
  cache_creation_input_tokens: z.int().min(0).nullish(),
  cache_creation: z.object({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }).nullish(),
  output_tokens_details: z.object({ thinking_tokens: count }).nullish(),
});

const iteration = usage.extend({ type: text, model: text });

const message = z.object({
  id: text,
  model: text,
  stop_reason: text,
  content: z.unknown().optional(),
  usage: usage.extend({
    server_tool_use: z.object({ web_search_requests: count }).nullish(),
    service_tier: text,
    speed: text,
    inference_geo: text,
    iterations: z.array(iteration).nullish(),
  }),
});

const assistantRow = z.object({
  sessionId: text,
  requestId: text,
  agentId: text,
  isSidechain: z.boolean().nullish(),
  timestamp: moment,
  version: text,
  cwd: text,
  gitBranch: text,
  /** Rows that a fork copied name their origin. */
  forkedFrom: z.object({ sessionId: text }).nullish(),
  /** Written by old versions only. */
  costUSD: dollars,
  message,
});

type Usage = z.infer<typeof usage>;

/** The client's own texts, such as "interrupted": no request stands behind them. */
const SYNTHETIC = '<synthetic>';

function readRow(row: unknown, file: FileContext): UsageRecord[] {
  if (!isAnswer(row)) return [];
  const { message, ...envelope } = assistantRow.parse(row);
  if (message.model === SYNTHETIC) return [];
  const path = readPath(file.path);
  const isSidechain = envelope.isSidechain === true || path.agentId !== null;
  const isFinished = message.stop_reason !== null;
  const { service_tier, speed, inference_geo, server_tool_use } = message.usage;
  const main: UsageRecord = {
    client: 'claude',
    sessionId: envelope.forkedFrom?.sessionId ?? envelope.sessionId ?? path.sessionId,
    requestId: envelope.requestId,
    messageId: message.id,
    isSidechain,
    agentId: isSidechain ? (envelope.agentId ?? path.agentId) : null,
    parentSessionId: null,
    sessionBornAt: file.bornAt,
    toolUseIds: listToolUses(message.content),
    at: envelope.timestamp,
    clientVersion: envelope.version,
    cwd: envelope.cwd,
    gitBranch: envelope.gitBranch || null,
    model: message.model,
    provider: providerOf(message.id),
    tokens: tokensOf(message.usage),
    iterations: listIterations(message.usage),
    webSearches: server_tool_use?.web_search_requests ?? 0,
    serviceTier: service_tier,
    speed,
    inferenceGeo: inference_geo,
    clientCost: envelope.costUSD,
    witness: 'transcript',
    grade: isFinished ? 'transcript' : 'partial',
    isFinished,
    revision: 0,
    isCacheSplitKnown: true,
  };
  return [main, ...listAdvisors(main, message.usage.iterations ?? [])];
}

/** Whether a row is an answer of a model at all; all other rows are none of our concern, whatever they hold. */
function isAnswer(row: unknown): boolean {
  const { type, message } = (row ?? {}) as { type?: unknown; message?: { usage?: unknown } | null };
  return type === 'assistant' && typeof message?.usage === 'object' && message.usage !== null;
}

/** Requests that the provider made of another model within this one; their tokens are not in the row's own. */
function listAdvisors(main: UsageRecord, iterations: readonly z.infer<typeof iteration>[]): UsageRecord[] {
  return iterations.flatMap((one, index) => {
    if (one.type !== 'advisor_message' || one.model === null) return [];
    const id = (own: string | null) => (own === null ? null : `${own}#advisor-${index}`);
    const ids = { requestId: id(main.requestId), messageId: id(main.messageId) };
    const none = { toolUseIds: [], webSearches: 0, iterations: null, clientCost: null, speed: null, serviceTier: null };
    return [{ ...main, ...ids, ...none, model: one.model, tokens: tokensOf(one) }];
  });
}

function tokensOf(usage: Usage): TokenCounts {
  const split = usage.cache_creation;
  const total =
    usage.cache_creation_input_tokens ??
    (split ? split.ephemeral_5m_input_tokens + split.ephemeral_1h_input_tokens : 0);
  // The total is what is billed; what the split leaves open lives for five minutes, the default.
  const cacheWrite1h = Math.min(split?.ephemeral_1h_input_tokens ?? 0, total);
  return {
    input: usage.input_tokens,
    output: usage.output_tokens,
    reasoning: Math.min(usage.output_tokens_details?.thinking_tokens ?? 0, usage.output_tokens),
    cacheRead: usage.cache_read_input_tokens,
    cacheWrite5m: total - cacheWrite1h,
    cacheWrite1h,
  };
}

/** The prompts that the answer was made of, if there are several and they add up to the whole. */
function listIterations(usage: z.infer<typeof message>['usage']): TokenCounts[] | null {
  const parts = (usage.iterations ?? []).filter(({ type }) => type === 'message').map(tokensOf);
  if (parts.length < 2) return null;
  const whole = tokensOf(usage);
  const keys = Object.keys(NO_TOKENS).filter((key) => key !== 'reasoning') as (keyof TokenCounts)[];
  return keys.every((key) => parts.reduce((sum, part) => sum + part[key], 0) === whole[key]) ? parts : null;
}

function listToolUses(content: unknown): string[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((part: unknown) => {
    const { type, id } = (part ?? {}) as { type?: unknown; id?: unknown };
    return type === 'tool_use' && typeof id === 'string' ? [id] : [];
  });
}

/** Resellers mark the ids of their answers; the model's name is the maker's. */
function providerOf(messageId: string | null): string {
  if (messageId?.startsWith('msg_bdrk_')) return 'aws';
  return messageId?.startsWith('msg_vrtx_') ? 'google' : 'anthropic';
}

/** Session and sub-agent as the file's path says, for rows that do not. */
function readPath(path: string): { sessionId: string; agentId: string | null } {
  const name = basename(path, '.jsonl');
  const agentId = /^agent-(.+)$/.exec(name)?.[1] ?? null;
  const folders = dirname(path).split(/[\\/]/);
  const session = folders[folders.lastIndexOf('subagents') - 1];
  return { sessionId: agentId !== null && session ? session : name, agentId };
}

/** `CLAUDE_CONFIG_DIR` may name several folders, separated by commas or as in PATH. */
function listRoots({ home, variables }: SourceEnvironment): string[] {
  const own = (variables.CLAUDE_CONFIG_DIR ?? '').split(',').flatMap((part) => part.split(delimiter));
  const roots = [...own, join(home, '.claude'), join(variables.XDG_CONFIG_HOME || join(home, '.config'), 'claude')];
  return [...new Set(roots.map((root) => root.trim()).filter((root) => root !== ''))].map((root) =>
    join(root, 'projects'),
  );
}

const TRANSCRIPT = /\.jsonl$/;

function toFiles(paths: readonly string[]): UsageFile[] {
  return paths.map((path) => ({ client: 'claude', path, format: 'lines' }));
}

export const claude: ClientSource = {
  client: 'claude',
  async listFiles(environment) {
    return toFiles(await listFilesBelow(listRoots(environment), TRANSCRIPT));
  },
  async listSessionFiles(path) {
    // Sub-agents' files are in a folder named as the session.
    return toFiles([path, ...(await listFilesBelow([path.replace(TRANSCRIPT, '')], TRANSCRIPT))]);
  },
  lines: {
    markers: ['"usage"'],
    open: (_saved, file): RowReader => ({ readRow: (row) => readRow(row, file), save: () => null }),
  },
};
