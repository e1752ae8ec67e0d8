/** Who saw a request: the client's own telemetry, the client's files, or only the agent. */
export const WITNESSES = ['telemetry', 'transcript', 'report'] as const;
export type Witness = (typeof WITNESSES)[number];

/**
 * How a figure is known, best first: the client's own telemetry; a finished row of its transcript; a row whose end was
 * never seen; the agent's word.
 */
export const GRADES = ['measured', 'transcript', 'partial', 'reported'] as const;
export type Grade = (typeof GRADES)[number];

/** The clients whose usage can be read, by the short names that `init --client` uses too. */
export const USAGE_CLIENTS = ['claude', 'codex', 'gemini', 'cline', 'opencode'] as const;
export type UsageClient = (typeof USAGE_CLIENTS)[number];

/** Clients that keep no tokens on the user's disk, and what to say of their usage. */
export const UNREPORTED_CLIENTS: Readonly<Record<string, string>> = {
  cursor: 'not reported: Cursor writes no tokens to disk',
};

/** Tokens of one request. The classes do not overlap, except that `reasoning` is a part of `output`. */
export interface TokenCounts {
  /** Input that was neither read from nor written to a cache. */
  input: number;
  output: number;
  /** The part of `output` that the model thought and did not say. */
  reasoning: number;
  cacheRead: number;
  /** Written to a cache that lives for five minutes, or of unknown life. */
  cacheWrite5m: number;
  cacheWrite1h: number;
}

/** What the price of a request depends on, but for its time. */
export interface PricedEvidence {
  /** As the provider or the client names it; null if the witness names none. */
  model: string | null;
  /** `anthropic`, `openai`, `google`, `aws`, `azure`, `openrouter`, or a name of the client's; null if unknown. */
  provider: string | null;
  tokens: TokenCounts;
  /** The parts of a request that its provider ran as several prompts: tiers by prompt size apply to each on its own. */
  iterations: readonly TokenCounts[] | null;
  webSearches: number;
  /** As the provider states it: `standard`, `batch`, `priority` …; null if not stated. */
  serviceTier: string | null;
  /** `fast` or `standard`; null if not stated. */
  speed: string | null;
  /** Where inference ran, such as `us` or `global`; null if not stated. */
  inferenceGeo: string | null;
  /** What the client itself says that the request costs: a decimal of dollars; null if it says nothing. */
  clientCost: string | null;
}

/** What the price of a request depends on. */
export interface PricedUsage extends PricedEvidence {
  /** When the answer arrived: ISO 8601 in UTC, as `Date.toISOString` writes it. Prices are dated. */
  at: string;
}

/** What one witness says about one request. */
export interface Evidence extends PricedEvidence {
  witness: Witness;
  grade: Grade;
  /** False while only the beginning of the answer was seen. */
  isFinished: boolean;
  /** The row stands in a sub-agent's or side conversation's history, which may repeat its parent's rows. */
  isSidechain: boolean;
  /** Orders the rows of a client that rewrites its messages: the largest is the last. 0 for all others. */
  revision: number;
  /** False if the witness does not tell cache writes of five minutes from those of one hour. */
  isCacheSplitKnown: boolean;
}

/** Whose request it is. */
export interface Origin {
  /** The client's own session; a sub-agent has its parent's. */
  sessionId: string;
  /** The sub-agent, as the client calls it; null for the main conversation. */
  agentId: string | null;
  /** The session that this one resumes or forks, when the client says so. */
  parentSessionId: string | null;
  isSidechain: boolean;
  /** When the session's file came to be: tells a session from a later one that copied its history. */
  sessionBornAt: string | null;
  at: string;
  clientVersion: string | null;
  cwd: string | null;
  gitBranch: string | null;
}

/** What one row of evidence says about one model request. Several rows may speak of the same request (`mergeRecords`). */
export interface UsageRecord extends Evidence, Origin {
  client: UsageClient;
  /** The provider's id of the request; null if the row has none. */
  requestId: string | null;
  /** The provider's id of the answer; null if the row has none. */
  messageId: string | null;
  /** The tool calls of the answer: they link a call that reached PopStash to its request. */
  toolUseIds: readonly string[];
}

/** All zeros. */
export const NO_TOKENS: TokenCounts = {
  input: 0,
  output: 0,
  reasoning: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
};

/** The size of the prompt: what tiers by request size look at. */
export function totalInput(tokens: TokenCounts): number {
  return tokens.input + tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h;
}
