import type { UsageEntry } from '../merge-records.js';
import { type Evidence, type Grade, type Origin, type TokenCounts, WITNESSES, type Witness } from '../usage.js';

/** What a row of usage_entries says about whose request it is. */
export interface OriginColumns {
  client_session: string | null;
  subagent: string | null;
  parent_client_session: string | null;
  is_sidechain: boolean;
  session_born_at: string | null;
  occurred_at: string;
  client_version: string | null;
  cwd: string | null;
  branch: string | null;
}

/** What a row of usage_entries says about the request: the best evidence. */
export interface EvidenceColumns {
  grade: Grade;
  is_finished: boolean;
  is_replay: boolean;
  revision: number;
  is_cache_split_known: boolean;
  model: string | null;
  provider: string | null;
  input_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  cache_read_tokens: number;
  cache_write_5m_tokens: number;
  cache_write_1h_tokens: number;
  iterations: readonly TokenCounts[] | null;
  web_searches: number;
  service_tier: string | null;
  speed: string | null;
  inference_geo: string | null;
  client_cost: string | null;
}

/** A row of usage_entries as `row_to_json` gives it, with what each witness said where there are several. */
export interface StoredEntry extends OriginColumns, EvidenceColumns {
  id: number;
  cost_usd: number | null;
  client: string;
  keys: string[];
  tool_use_ids: string[];
  witnesses: Witness[];
  evidence: Partial<Record<Witness, Evidence>> | null;
}

/** A StoredEntry as SQL, of a row of usage_entries under the alias `e`. */
export const STORED_ENTRY = `to_jsonb(e) || jsonb_build_object('evidence', (
    SELECT jsonb_object_agg(w.witness, w.evidence) FROM usage_witnesses w WHERE w.entry_id = e.id))`;

export function originColumns(origin: Origin): OriginColumns {
  return {
    client_session: origin.sessionId,
    subagent: origin.agentId,
    parent_client_session: origin.parentSessionId,
    is_sidechain: origin.isSidechain,
    session_born_at: origin.sessionBornAt,
    occurred_at: origin.at,
    client_version: origin.clientVersion,
    cwd: origin.cwd,
    branch: origin.gitBranch,
  };
}

export function evidenceColumns(evidence: Evidence): EvidenceColumns {
  const { tokens } = evidence;
  return {
    input_tokens: tokens.input,
    output_tokens: tokens.output,
    reasoning_tokens: tokens.reasoning,
    cache_read_tokens: tokens.cacheRead,
    cache_write_5m_tokens: tokens.cacheWrite5m,
    cache_write_1h_tokens: tokens.cacheWrite1h,
    grade: evidence.grade,
    is_finished: evidence.isFinished,
    is_replay: evidence.isSidechain,
    revision: evidence.revision,
    is_cache_split_known: evidence.isCacheSplitKnown,
    model: evidence.model,
    provider: evidence.provider,
    iterations: evidence.iterations,
    web_searches: evidence.webSearches,
    service_tier: evidence.serviceTier,
    speed: evidence.speed,
    inference_geo: evidence.inferenceGeo,
    client_cost: evidence.clientCost,
  };
}

/** The entry as it was before it was stored: merged with further rows it gives what it would have given then. */
export function readStoredEntry(row: StoredEntry): UsageEntry {
  const evidence: UsageEntry['evidence'] = {};
  for (const witness of WITNESSES) {
    if (!row.witnesses.includes(witness)) continue;
    const said = row.evidence?.[witness];
    evidence[witness] = said ? inOrder(said) : inOrder({ witness, ...evidenceOf(row) });
  }
  return {
    client: row.client as UsageEntry['client'],
    keys: row.keys,
    toolUseIds: row.tool_use_ids,
    origin: originOf(row),
    evidence,
  };
}

/** The evidence that the columns hold, without its witness. */
export function evidenceOf(row: EvidenceColumns): Omit<Evidence, 'witness'> {
  return {
    grade: row.grade,
    isFinished: row.is_finished,
    isSidechain: row.is_replay,
    revision: row.revision,
    isCacheSplitKnown: row.is_cache_split_known,
    model: row.model,
    provider: row.provider,
    tokens: {
      input: row.input_tokens,
      output: row.output_tokens,
      reasoning: row.reasoning_tokens,
      cacheRead: row.cache_read_tokens,
      cacheWrite5m: row.cache_write_5m_tokens,
      cacheWrite1h: row.cache_write_1h_tokens,
    },
    iterations: row.iterations,
    webSearches: row.web_searches,
    serviceTier: row.service_tier,
    speed: row.speed,
    inferenceGeo: row.inference_geo,
    clientCost: row.client_cost,
  };
}

function originOf(row: OriginColumns): Origin {
  return {
    sessionId: row.client_session ?? '',
    agentId: row.subagent,
    parentSessionId: row.parent_client_session,
    isSidechain: row.is_sidechain,
    sessionBornAt: row.session_born_at === null ? null : new Date(row.session_born_at).toISOString(),
    at: new Date(row.occurred_at).toISOString(),
    clientVersion: row.client_version,
    cwd: row.cwd,
    gitBranch: row.branch,
  };
}

/** With its keys in the order in which `mergeRecords` builds them: equal evidence is known by its text. */
function inOrder(evidence: Evidence): Evidence {
  const { witness, grade, isFinished, isSidechain, revision, isCacheSplitKnown, model, provider } = evidence;
  const { webSearches, serviceTier, speed, inferenceGeo, clientCost } = evidence;
  return {
    witness,
    grade,
    isFinished,
    isSidechain,
    revision,
    isCacheSplitKnown,
    model,
    provider,
    tokens: tokensInOrder(evidence.tokens),
    iterations: evidence.iterations?.map(tokensInOrder) ?? null,
    webSearches,
    serviceTier,
    speed,
    inferenceGeo,
    clientCost,
  };
}

function tokensInOrder({ input, output, reasoning, cacheRead, cacheWrite5m, cacheWrite1h }: TokenCounts): TokenCounts {
  return { input, output, reasoning, cacheRead, cacheWrite5m, cacheWrite1h };
}
