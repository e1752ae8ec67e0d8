import type { ClientBase } from 'pg';
import { FENCE } from '../../db/planner-hints.js';
import { mergeRecords, type UsageEntry } from '../merge-records.js';
import { type TokenCounts, totalInput } from '../usage.js';
import { readStoredEntry, STORED_ENTRY, type StoredEntry } from './stored-entry.js';

/** The two witnesses of one request note it at most this far apart, in ms. */
const MAX_APART_MS = 120_000;

interface Paired {
  /** Those that belong together share a key now. */
  entries: UsageEntry[];
  /** Stored entries that belong to one of them. */
  partners: StoredEntry[];
}

/**
 * Finds what belongs together where a client's telemetry names no request (Codex, Gemini CLI): a row of telemetry and one of a
 * transcript are the same request if they are of one session and say the same counts at about the same time. If several do,
 * it does not matter which are paired: their counts are equal.
 * @param known stored entries that share a key with one of the entries
 */
export async function pairWitnesses(
  client: ClientBase,
  usageClient: string,
  entries: readonly UsageEntry[],
  known: readonly StoredEntry[],
): Promise<Paired> {
  const stored = new Map(known.flatMap((row) => row.keys.map((key) => [key, row])));
  const knownOf = (entry: UsageEntry) => entry.keys.flatMap((key) => stored.get(key) ?? []);
  const measured = entries.filter((entry) => isUnnamed(entry) && knownOf(entry).length === 0);
  const written = entries.filter(
    (entry) => isWritten(entry) && knownOf(entry).every(({ witnesses }) => !witnesses.includes('telemetry')),
  );
  const candidates = await findCandidates(client, usageClient, [...measured, ...written], measured.length > 0);
  const others = candidates.map((row) => ({ row, entry: readStoredEntry(row) }));
  const isKnown = ({ row }: { row: StoredEntry }) => known.some(({ id }) => id === row.id);
  // A transcript's row that is known is among `written` itself.
  const also = others.filter((other) => isUnnamed(other.entry) || !isKnown(other)).map(({ entry }) => entry);
  const pairs = matchAll([...measured, ...also.filter(isUnnamed)], [...written, ...also.filter(isWritten)]);
  if (pairs.size === 0) return { entries: [...entries], partners: [] };
  const joined = entries.map((entry) => {
    const keys = pairs.get(entry)?.keys ?? [];
    return { ...entry, keys: [...new Set([...entry.keys, ...keys])].sort(byCode) };
  });
  return {
    entries: mergeRecords(joined),
    partners: others.filter((other) => pairs.has(other.entry) && !isKnown(other)).map(({ row }) => row),
  };
}

/**
 * Stored entries of the sessions and times of these, seen by one witness alone: telemetry that gave no id, and transcripts where
 * there is telemetry to pair.
 */
async function findCandidates(
  client: ClientBase,
  usageClient: string,
  entries: readonly UsageEntry[],
  isMeasured: boolean,
): Promise<StoredEntry[]> {
  if (entries.length === 0) return [];
  const times = new Map<string, { since: number; until: number }>();
  for (const { origin } of entries) {
    const at = Date.parse(origin.at);
    for (const session of [origin.sessionId, ...(origin.agentId === null ? [] : [origin.agentId])]) {
      const { since, until } = times.get(session) ?? { since: at, until: at };
      times.set(session, { since: Math.min(since, at), until: Math.max(until, at) });
    }
  }
  const spans = [...times.values()];
  const { rows } = await client.query<{ entry: StoredEntry }>({
    name: isMeasured ? 'usage_find_unpaired' : 'usage_find_unpaired_telemetry',
    text: FIND_CANDIDATES(isMeasured),
    values: [
      usageClient,
      [...times.keys()],
      spans.map(({ since }) => new Date(since - MAX_APART_MS)),
      spans.map(({ until }) => new Date(until + MAX_APART_MS)),
    ],
  });
  return rows.map(({ entry }) => entry);
}

const UNNAMED = `witnesses = '{telemetry}' AND keys[1] LIKE 'row:%'`;
const WRITTEN = `witnesses @> '{transcript}' AND NOT witnesses @> '{telemetry}'`;

/** A transcript's row of a sub-agent is its parent's session's: telemetry names the sub-agent's alone. */
const FIND_CANDIDATES = (
  isMeasured: boolean,
) => `SELECT ${STORED_ENTRY} AS entry FROM usage_entries e WHERE e.id = ANY (ARRAY(
    SELECT n.id FROM unnest($2::text[], $3::timestamptz[], $4::timestamptz[]) AS g (session, since, until), LATERAL (
      SELECT id FROM usage_entries WHERE client = $1 AND client_session = g.session
        AND occurred_at BETWEEN g.since AND g.until AND (${isMeasured ? `${UNNAMED} OR ${WRITTEN}` : UNNAMED}) ${FENCE}) AS n
    ${
      isMeasured
        ? `UNION
    SELECT n.id FROM unnest($2::text[], $3::timestamptz[], $4::timestamptz[]) AS g (session, since, until), LATERAL (
      SELECT id FROM usage_entries WHERE client = $1 AND subagent = g.session
        AND occurred_at BETWEEN g.since AND g.until AND ${WRITTEN} ${FENCE}) AS n`
        : ''
    }))`;

/** Seen by telemetry alone, which gave no id. */
function isUnnamed({ evidence, keys }: UsageEntry): boolean {
  return evidence.telemetry !== undefined && !evidence.transcript && keys.every((key) => key.startsWith('row:'));
}

function isWritten({ evidence }: UsageEntry): boolean {
  return evidence.transcript !== undefined && !evidence.telemetry;
}

/** Each with the nearest in time that nobody else has, in both directions. */
function matchAll(measured: readonly UsageEntry[], written: readonly UsageEntry[]): Map<UsageEntry, UsageEntry> {
  const byCounts = new Map<string, UsageEntry[]>();
  for (const entry of written) {
    const counts = countsOf(entry);
    byCounts.set(counts, [...(byCounts.get(counts) ?? []), entry]);
  }
  const pairs = new Map<UsageEntry, UsageEntry>();
  for (const entry of [...measured].sort((a, b) => byCode(a.origin.at, b.origin.at))) {
    const [nearest] = (byCounts.get(countsOf(entry)) ?? [])
      .filter((other) => !pairs.has(other) && isOfSession(other, entry.origin.sessionId))
      .map((other) => ({ other, apart: Math.abs(Date.parse(other.origin.at) - Date.parse(entry.origin.at)) }))
      .filter(({ apart }) => apart <= MAX_APART_MS)
      .sort((a, b) => a.apart - b.apart);
    if (!nearest) continue;
    pairs.set(entry, nearest.other);
    pairs.set(nearest.other, entry);
  }
  return pairs;
}

/** Telemetry names a sub-agent's own session, a transcript its parent's too. */
function isOfSession({ origin }: UsageEntry, sessionId: string): boolean {
  return origin.sessionId === sessionId || origin.agentId === sessionId;
}

/** What both witnesses know alike: telemetry counts cache writes as input, or both kinds of them together. */
function countsOf({ evidence }: UsageEntry): string {
  const tokens: TokenCounts | undefined = (evidence.telemetry ?? evidence.transcript)?.tokens;
  return tokens ? `${totalInput(tokens)} ${tokens.cacheRead} ${tokens.output}` : '';
}

function byCode(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
