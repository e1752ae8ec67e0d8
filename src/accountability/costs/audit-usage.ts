import type { Pool } from 'pg';
import { priceEntry } from '../ledger/price-entry.js';
import { formatDollars, parseDollars } from '../money.js';
import type { PriceBook } from '../prices/price-book.js';
import type { Evidence, Witness } from '../usage.js';
import { createValues, filterSql, type Values } from './cost-sql.js';
import type { CostFilter } from './cost-types.js';

/** Which evidence there is of a client's session. */
export interface AuditedSession {
  client: string;
  clientSession: string | null;
  projectId: string | null;
  firstAt: Date;
  lastAt: Date;
  /** Requests by who saw them. */
  both: number;
  telemetryOnly: number;
  transcriptOnly: number;
  reported: number;
  /** Requests of which only the beginning was seen. */
  unfinished: number;
}

/** What two witnesses say differently about one request. */
export interface WitnessDifference {
  entryId: string;
  client: string;
  clientSession: string | null;
  /** `request:…`, `message:…`. */
  keys: string[];
  at: Date;
  fields: { name: DifferenceField; telemetry: string; transcript: string }[];
}

export type DifferenceField = 'model' | 'input' | 'output' | 'cache_read' | 'cache_write' | 'cost_usd';

/** A request that one witness did not see, though it should have. */
export interface UnconfirmedRequest {
  entryId: string;
  client: string;
  clientSession: string | null;
  keys: string[];
  at: Date;
  seenBy: Witness;
  costUsd: string | null;
}

/** A part of a list, by rising ids of entries. */
export interface AuditPage {
  limit: number;
  /** The last entry of the part before. */
  after?: string | undefined;
}

/** Dollars by which two witnesses may differ: clients compute with floating-point numbers. In pico-dollars. */
const COST_TOLERANCE = 1_000n;

const BOTH = `e.witnesses @> '{telemetry,transcript}'`;
const ONLY = (witness: Witness) => `e.witnesses = '{${witness}}'`;

/** The sessions of clients that have requests in a window, the latest first. @param limit of sessions */
export async function auditSessions(pool: Pool, filter: CostFilter, limit: number): Promise<AuditedSession[]> {
  const values = createValues();
  const { rows } = await pool.query<AuditedSession>(
    `SELECT e.client, e.client_session AS "clientSession", nullif(min(e.project_id), '') AS "projectId",
       min(e.occurred_at) AS "firstAt", max(e.occurred_at) AS "lastAt",
       (count(*) FILTER (WHERE ${BOTH}))::integer AS both,
       (count(*) FILTER (WHERE ${ONLY('telemetry')}))::integer AS "telemetryOnly",
       (count(*) FILTER (WHERE ${ONLY('transcript')}))::integer AS "transcriptOnly",
       (count(*) FILTER (WHERE e.grade = 'reported'))::integer AS reported,
       (count(*) FILTER (WHERE NOT e.is_finished))::integer AS unfinished
     FROM usage_entries e WHERE ${conditions(filter, values)}
     GROUP BY e.client, e.client_session ORDER BY max(e.occurred_at) DESC, e.client, e.client_session
     LIMIT ${values.add(limit)}`,
    values.list,
  );
  return rows;
}

/** Requests about which the client's telemetry and its transcript do not say the same. */
export async function auditDifferences(
  pool: Pool,
  book: PriceBook,
  filter: CostFilter,
  { limit, after = '0' }: AuditPage,
): Promise<WitnessDifference[]> {
  const found: WitnessDifference[] = [];
  for (let last = after; found.length < limit; ) {
    const values = createValues();
    const { rows } = await pool.query<Omit<WitnessDifference, 'fields'> & Record<'telemetry' | 'transcript', Evidence>>(
      `SELECT e.id::text AS "entryId", e.client, e.client_session AS "clientSession", e.keys, e.occurred_at AS at,
         a.evidence AS telemetry, b.evidence AS transcript
       FROM usage_witnesses a JOIN usage_witnesses b ON b.entry_id = a.entry_id AND b.witness = 'transcript'
         JOIN usage_entries e ON e.id = a.entry_id
       WHERE a.witness = 'telemetry' AND a.entry_id > ${values.add(last)} AND ${conditions(filter, values)}
       ORDER BY a.entry_id LIMIT ${values.add(limit)}`,
      values.list,
    );
    for (const { telemetry, transcript, ...request } of rows) {
      const fields = listDifferences(telemetry, transcript, request.at, book);
      if (fields.length > 0 && found.length < limit) found.push({ ...request, fields });
    }
    const end = rows.at(-1)?.entryId;
    if (end === undefined || rows.length < limit) break;
    last = end;
  }
  return found;
}

/**
 * Requests that only the client's telemetry saw, and those that it did not see of sessions that it saw. Where there are
 * such, totals from transcripts alone are a lower bound.
 */
export async function auditUnconfirmed(
  pool: Pool,
  filter: CostFilter,
  { limit, after = '0' }: AuditPage,
): Promise<UnconfirmedRequest[]> {
  const values = createValues();
  const { rows } = await pool.query<UnconfirmedRequest>(
    `SELECT e.id::text AS "entryId", e.client, e.client_session AS "clientSession", e.keys, e.occurred_at AS at,
       e.witnesses[1]::text AS "seenBy", trim_scale(e.cost_usd)::text AS "costUsd"
     FROM usage_entries e
     WHERE e.id > ${values.add(after)} AND ${conditions(filter, values)} AND (${ONLY('telemetry')} OR ${ONLY('transcript')}
       AND EXISTS (SELECT 1 FROM usage_entries o WHERE o.client = e.client AND o.client_session = e.client_session
         AND 'telemetry' = ANY (o.witnesses)))
     ORDER BY e.id LIMIT ${values.add(limit)}`,
    values.list,
  );
  return rows;
}

function conditions(filter: CostFilter, values: Values): string {
  return [
    `true${filterSql(filter, values).all('e')}`,
    ...(filter.since ? [`e.occurred_at >= ${values.add(filter.since)}`] : []),
    ...(filter.until ? [`e.occurred_at < ${values.add(filter.until)}`] : []),
  ].join(' AND ');
}

function listDifferences(telemetry: Evidence, transcript: Evidence, at: Date, book: PriceBook) {
  const read = (evidence: Evidence) => ({
    model: evidence.model ?? '',
    input: String(evidence.tokens.input),
    output: String(evidence.tokens.output),
    cache_read: String(evidence.tokens.cacheRead),
    // Telemetry does not tell the two kinds apart.
    cache_write: String(evidence.tokens.cacheWrite5m + evidence.tokens.cacheWrite1h),
  });
  const [said, written] = [read(telemetry), read(transcript)];
  const names = Object.keys(said) as (keyof typeof said)[];
  const fields: WitnessDifference['fields'] = names
    .filter((name) => said[name] !== written[name])
    .map((name) => ({ name, telemetry: said[name], transcript: written[name] }));
  const computed = priceEntry({ ...transcript, at: at.toISOString() }, false, book).cost_usd;
  if (telemetry.clientCost !== null && computed !== null) {
    const [stated, own] = [parseDollars(telemetry.clientCost), parseDollars(computed)];
    const difference = stated > own ? stated - own : own - stated;
    if (difference > COST_TOLERANCE) {
      fields.push({ name: 'cost_usd', telemetry: formatDollars(stated), transcript: formatDollars(own) });
    }
  }
  return fields;
}
