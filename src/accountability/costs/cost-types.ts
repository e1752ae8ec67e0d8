import type { Grade } from '../usage.js';

/** What totals are split by. Times are local ones; `session` is the client's, `task` ours. */
export const COST_KEYS = [
  'hour',
  'day',
  'week',
  'month',
  'session',
  'task',
  'agent',
  'model',
  'client',
  'project',
] as const;
export type CostKey = (typeof COST_KEYS)[number];

export interface CostFilter {
  /** Null for all projects. */
  projectId: string | null;
  agentId?: string | undefined;
  /** One of our tasks (`sess_…`). */
  taskId?: string | undefined;
  /** Inclusive. */
  since?: Date | undefined;
  /** Exclusive. */
  until?: Date | undefined;
}

/** Sums of requests. Tokens do not overlap, but `reasoning` is a part of `output`. */
export interface CostTotal {
  requests: number;
  tokens: {
    input: number;
    output: number;
    reasoning: number;
    cacheRead: number;
    cacheWrite5m: number;
    cacheWrite1h: number;
  };
  webSearches: number;
  /** US dollars of the priced requests, an exact decimal; null if none is priced. */
  costUsd: string | null;
  /** Requests whose price is not known. */
  unpriced: number;
  /** The same by how it is known; grades without requests are left out. */
  grades: Partial<Record<Grade, { requests: number; costUsd: string | null }>>;
}

export interface CostRow extends CostTotal {
  /** A local ISO start, an ISO week, an id or a name; null for requests that belong to none. */
  key: string | null;
}

/**
 * How much of what happened is known. A session is the client's, or the connection of an agent with tasks whose client
 * names none.
 */
export interface CostCoverage {
  sessions: number;
  /** With a figure of a client's own. */
  withEvidence: number;
  /** With nothing but the agent's word. */
  reportedOnly: number;
  /** Tasks were worked on, and nothing says what they cost. */
  missing: number;
}

export interface CostReport {
  timezone: string;
  rows: CostRow[];
  total: CostTotal;
  coverage: CostCoverage;
}
