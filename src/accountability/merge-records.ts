import {
  type Evidence,
  GRADES,
  type Origin,
  totalInput,
  type UsageClient,
  type UsageRecord,
  WITNESSES,
  type Witness,
} from './usage.js';

/** One model request, whatever was read about it how often and in which order. */
export interface UsageEntry {
  client: UsageClient;
  /** All ids under which rows spoke of the request, sorted: `request:…`, `message:…`, or `row:…` for a row without ids. */
  keys: readonly string[];
  /** All tool calls of the answer, sorted. */
  toolUseIds: readonly string[];
  /** Whose request it is: taken from the row that is nearest to its beginning. */
  origin: Origin;
  /** The best row of each witness: two witnesses of one request can be compared. */
  evidence: Partial<Record<Witness, Evidence>>;
}

/** A request with its best evidence. */
export interface ResolvedEntry extends Evidence, Origin {
  client: UsageClient;
  keys: readonly string[];
  toolUseIds: readonly string[];
  /** The origin's: false if the parent's own row was seen. */
  isSidechain: boolean;
}

/**
 * Makes one entry a request. Rows of one client that share a request id or a message id speak of the same request, directly
 * or through further rows. Entries may be merged again with new rows: the result depends only on the set of rows, not on
 * their order, grouping or repetition.
 */
export function mergeRecords(items: Iterable<UsageRecord | UsageEntry>): UsageEntry[] {
  const byKey = new Map<string, UsageEntry>();
  for (const item of items) {
    const entry = 'keys' in item ? item : toEntry(item);
    const known = new Set<UsageEntry>();
    for (const key of entry.keys) {
      const other = byKey.get(`${entry.client} ${key}`);
      if (other) known.add(other);
    }
    const merged = [...known].reduce(mergeTwo, entry);
    for (const key of merged.keys) byKey.set(`${merged.client} ${key}`, merged);
  }
  return [...new Set(byKey.values())]
    .map((entry) => ({ entry, id: `${entry.client} ${entry.keys[0]}` }))
    .sort((a, b) => compareText(a.id, b.id))
    .map(({ entry }) => entry);
}

/**
 * A request with its best evidence: measured, then a finished transcript row, then a partial one, then the agent's word.
 * Telemetry lacks details that cost money, such as web searches; where its counts agree with the transcript's, they are
 * taken from there.
 */
export function resolveEntry(entry: UsageEntry): ResolvedEntry {
  const { client, keys, toolUseIds, origin } = entry;
  const best = WITNESSES.map((witness) => entry.evidence[witness])
    .filter((evidence) => evidence !== undefined)
    .sort(compareGrades)[0];
  if (!best) throw new RangeError('an entry without evidence');
  const { transcript } = entry.evidence;
  const evidence = best.witness === 'telemetry' && transcript ? withDetails(best, transcript) : best;
  return { client, keys, toolUseIds, ...evidence, ...origin };
}

function withDetails(telemetry: Evidence, transcript: Evidence): Evidence {
  const measured = { ...telemetry, provider: telemetry.provider ?? transcript.provider };
  const [a, b] = [measured.tokens, transcript.tokens];
  const isSplit = measured.isCacheSplitKnown;
  const isSame =
    a.output === b.output &&
    a.cacheRead === b.cacheRead &&
    totalInput(a) === totalInput(b) &&
    // What does not tell cache writes at all counts them as input.
    (a.input === b.input || (!isSplit && a.cacheWrite5m === 0 && a.cacheWrite1h === 0));
  if (!isSame || !transcript.isCacheSplitKnown) return measured;
  const { iterations, webSearches, serviceTier, speed, inferenceGeo } = transcript;
  const tokens = isSplit ? { ...a, reasoning: b.reasoning } : b;
  return { ...measured, tokens, iterations, webSearches, serviceTier, speed, inferenceGeo, isCacheSplitKnown: true };
}

function toEntry(record: UsageRecord): UsageEntry {
  const { client, toolUseIds } = record;
  const origin: Origin = {
    sessionId: record.sessionId,
    agentId: record.agentId,
    parentSessionId: record.parentSessionId,
    isSidechain: record.isSidechain,
    sessionBornAt: record.sessionBornAt,
    at: record.at,
    clientVersion: record.clientVersion,
    cwd: record.cwd,
    gitBranch: record.gitBranch,
  };
  const evidence: Evidence = {
    witness: record.witness,
    grade: record.grade,
    isFinished: record.isFinished,
    isSidechain: record.isSidechain,
    revision: record.revision,
    isCacheSplitKnown: record.isCacheSplitKnown,
    model: record.model,
    provider: record.provider,
    tokens: record.tokens,
    iterations: record.iterations,
    webSearches: record.webSearches,
    serviceTier: record.serviceTier,
    speed: record.speed,
    inferenceGeo: record.inferenceGeo,
    clientCost: record.clientCost,
  };
  return {
    client,
    keys: keysOf(record),
    toolUseIds: sortedUnique(toolUseIds),
    origin,
    evidence: { [record.witness]: evidence },
  };
}

function keysOf({ requestId, messageId, sessionId, at, model, tokens }: UsageRecord): string[] {
  const keys = [
    ...(requestId === null ? [] : [`request:${requestId}`]),
    ...(messageId === null ? [] : [`message:${messageId}`]),
  ];
  // A row without any id is recognized by its content, so that reading it twice counts it once.
  return keys.length > 0 ? keys.sort(compareText) : [`row:${JSON.stringify([sessionId, at, model, tokens])}`];
}

function mergeTwo(a: UsageEntry, b: UsageEntry): UsageEntry {
  const evidence: UsageEntry['evidence'] = {};
  for (const witness of WITNESSES) {
    const best = [a.evidence[witness], b.evidence[witness]].filter((one) => one !== undefined).sort(compareEvidence)[0];
    if (best) evidence[witness] = best;
  }
  return {
    client: a.client,
    keys: sortedUnique([...a.keys, ...b.keys]),
    toolUseIds: sortedUnique([...a.toolUseIds, ...b.toolUseIds]),
    origin: compareOrigins(a.origin, b.origin) <= 0 ? a.origin : b.origin,
    evidence,
  };
}

/** Better first; the text of the whole makes the order total, so that equal rank never depends on the order of reading. */
function compareEvidence(a: Evidence, b: Evidence): number {
  return (
    compareGrades(a, b) ||
    Number(a.isSidechain) - Number(b.isSidechain) ||
    Number(b.isFinished) - Number(a.isFinished) ||
    b.revision - a.revision ||
    b.tokens.output - a.tokens.output ||
    totalInput(b.tokens) - totalInput(a.tokens) ||
    compareText(textOf(b), textOf(a))
  );
}

/**
 * Nearer to the request's beginning first: a row that knows its folder, the parent's own before a sidechain's replay, the
 * earliest, and of copies with the same time that of the session whose file is oldest.
 */
function compareOrigins(a: Origin, b: Origin): number {
  return (
    Number(a.cwd === null) - Number(b.cwd === null) ||
    Number(a.isSidechain) - Number(b.isSidechain) ||
    compareText(a.at, b.at) ||
    compareText(a.sessionBornAt ?? '~', b.sessionBornAt ?? '~') ||
    compareText(a.sessionId, b.sessionId) ||
    compareText(textOf(a), textOf(b))
  );
}

function compareGrades(a: Evidence, b: Evidence): number {
  return GRADES.indexOf(a.grade) - GRADES.indexOf(b.grade);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** A text that is equal for equal content: all objects here are built with their keys in one order. */
function textOf(value: object): string {
  return JSON.stringify(value);
}

function sortedUnique(values: readonly string[]): string[] {
  return [...new Set(values)].sort(compareText);
}
