import * as z from 'zod';
import { GRADES, USAGE_CLIENTS, WITNESSES } from '../accountability/usage.js';

/**
 * What the reader of a member's machine tells of the requests of models that its clients have written down: numbers, ids and
 * names, no word of what was said.
 */

/** Records of one message: a batch of a reader has a few hundred. */
const MAX_RECORDS = 5_000;
const MAX_FOLDERS = 1_000;
const MAX_TEXT = 8_192;
const MAX_ITERATIONS = 10_000;
const text = z.string().max(MAX_TEXT);
const count = z.int().min(0);

const tokens = z.object({
  input: count,
  output: count,
  reasoning: count,
  cacheRead: count,
  cacheWrite5m: count,
  cacheWrite1h: count,
});

/** UsageRecord of src/accountability/usage.ts. */
const record = z.object({
  client: z.enum(USAGE_CLIENTS),
  requestId: text.nullable(),
  messageId: text.nullable(),
  toolUseIds: z.array(text).max(MAX_RECORDS).readonly(),
  witness: z.enum(WITNESSES),
  grade: z.enum(GRADES),
  isFinished: z.boolean(),
  isSidechain: z.boolean(),
  revision: z.int(),
  isCacheSplitKnown: z.boolean(),
  model: text.nullable(),
  provider: text.nullable(),
  tokens,
  iterations: z.array(tokens).max(MAX_ITERATIONS).readonly().nullable(),
  webSearches: count,
  serviceTier: text.nullable(),
  speed: text.nullable(),
  inferenceGeo: text.nullable(),
  clientCost: text.nullable(),
  sessionId: text,
  agentId: text.nullable(),
  parentSessionId: text.nullable(),
  sessionBornAt: text.nullable(),
  at: text.refine((at) => !Number.isNaN(Date.parse(at))),
  clientVersion: text.nullable(),
  cwd: text.nullable(),
  gitBranch: text.nullable(),
});

export const usageReport = z.object({
  records: z.array(record).max(MAX_RECORDS),
  /** What the folders that records name belong to: the team's project, and the worktree there. */
  folders: z.array(z.tuple([text, z.object({ projectId: text, root: text, worktree: text })])).max(MAX_FOLDERS),
});

export const usageOutcome = z.object({ inserted: count, updated: count, merged: count });

export type UsageReport = z.infer<typeof usageReport>;
export type UsageOutcome = z.infer<typeof usageOutcome>;
