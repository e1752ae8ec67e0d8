import * as z from 'zod';
import { count, moment, text } from './row-fields.js';

/*
 * The rows of Codex that tell of usage, and what a reader carries from row to row.
 */

export const tokens = z.object({
  input_tokens: count,
  cached_input_tokens: count,
  cache_write_input_tokens: count,
  output_tokens: count,
  reasoning_output_tokens: count,
});

export const rowSchema = z.object({
  timestamp: moment,
  ordinal: z.number().nullish(),
  type: z.string(),
  payload: z.unknown().optional(),
});

const subagentSource = z
  .object({ thread_spawn: z.object({ parent_thread_id: text }).nullish().catch(null) })
  // Sub-agents of other kinds, such as a review, are named by a word.
  .catch({ thread_spawn: null });

export const sessionMeta = z.object({
  id: z.string(),
  session_id: text,
  forked_from_id: text,
  cwd: text,
  cli_version: text,
  model_provider: text,
  git: z.object({ branch: text }).nullish(),
  /** A word, or for a sub-agent an object. */
  source: z.object({ subagent: subagentSource.optional() }).optional().catch(undefined),
  /** Since the file points into its parent's: nothing was copied. */
  history_base: z.unknown().optional(),
  subagent_history_start_ordinal: z.number().nullish(),
});

export const settings = z.object({ model: text, model_provider_id: text, cwd: text, service_tier: text });

export const threadSettings = z.object({ thread_settings: z.unknown().optional() });

export const callSchema = z.object({
  type: text,
  call_id: text,
  action: z.object({ type: text }).nullish().catch(null),
});

export const usageRecord = z.object({ response_id: text, usage: tokens, thread_token_usage: tokens.nullish() });

export const tokenCount = z.object({
  info: z.object({ total_token_usage: tokens, last_token_usage: tokens.nullish() }).nullish(),
});

/** Rows of a copied head are written at once; a response takes longer than this to come. In ms. */
export const MAX_COPY_PAUSE_MS = 500;

export const stateSchema = z.object({
  thread: z.string(),
  sessionId: z.string(),
  parentSessionId: z.string().nullable(),
  isSubagent: z.boolean(),
  cwd: z.string().nullable(),
  gitBranch: z.string().nullable(),
  version: z.string().nullable(),
  provider: z.string().nullable(),
  model: z.string().nullable(),
  serviceTier: z.string().nullable(),
  /** The running total of the last row that was counted or belongs to the parent. */
  total: z.string().nullable(),
  /** While the copy of the parent's rows goes on: where it ends, or when its last row was written. */
  head: z.union([z.object({ endOrdinal: z.number() }), z.object({ lastRowAt: z.string() })]).nullable(),
  toolUseIds: z.array(z.string()),
  webSearches: z.number(),
  /** The thread tells each response: its running totals say nothing new. */
  hasUsageRecords: z.boolean(),
});
export type State = z.infer<typeof stateSchema>;

export const NEW_THREAD: State = {
  thread: '',
  sessionId: '',
  parentSessionId: null,
  isSubagent: false,
  cwd: null,
  gitBranch: null,
  version: null,
  provider: null,
  model: null,
  serviceTier: null,
  total: null,
  head: null,
  toolUseIds: [],
  webSearches: 0,
  hasUsageRecords: false,
};

export type Row = z.infer<typeof rowSchema>;
