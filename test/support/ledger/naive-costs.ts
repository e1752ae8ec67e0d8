// Costs computed the slow and simple way, to compare those of the service with.
import type { Pool } from 'pg';
import type { CostKey, CostRow } from '../../../src/accountability/costs/cost-types.js';
import { formatDollars } from '../../../src/accountability/money.js';
import { createRandom } from '../inputs/canary-secrets.js';

/** An entry as a test remembers it. */
export interface Fact {
  at: number;
  project: string;
  agent: string;
  task: string;
  session: string;
  model: string;
  client: string;
  grade: 'measured' | 'transcript' | 'partial' | 'reported';
  output: number;
  /** Pico-dollars; null if unpriced. */
  cost: bigint | null;
}

/** First moment of the facts, and how many days they cover. */
export const START = Date.parse('2025-12-20T00:00:00Z');
export const DAYS = 330;

/** Made-up entries, the same for the same seed. */
export function makeFacts(seed: number, count: number): Fact[] {
  const random = createRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  return Array.from({ length: count }, () => {
    // Half of them where clocks change, the others anywhere.
    const around = pick(['2026-03-08', '2026-03-29', '2026-04-05', '2026-09-27', '2026-10-25', '2026-11-01']);
    const at =
      random() < 0.5 ? START + random() * DAYS * 86_400_000 : Date.parse(`${around}T00:00:00Z`) + random() * 1.2e8;
    const task = pick(['', 'sess_1', 'sess_2', 'sess_3']);
    return {
      at: Math.floor(at),
      project: pick(['proj_a', 'proj_a', 'proj_b', '']),
      agent: task === '' ? pick(['', 'agent_9']) : `agent_${task.slice(-1)}`,
      task,
      session: pick(['', 's1', 's2', 's3', 's4']),
      model: pick(['', 'opus', 'sonnet', 'gpt']),
      client: pick(['claude', 'codex']),
      grade: pick(['measured', 'transcript', 'transcript', 'partial', 'reported'] as const),
      output: Math.floor(random() * 5_000),
      cost: random() < 0.1 ? null : BigInt(Math.floor(random() * 1e13)),
    };
  });
}

const orNull = (text: string) => (text === '' ? null : text);

/** Writes the facts into usage_entries. */
export async function insertFacts(pool: Pool, facts: readonly Fact[]): Promise<void> {
  const rows = facts.map((fact, index) => ({
    client: fact.client,
    keys: [`request:${index}`],
    client_session: orNull(fact.session),
    occurred_at: new Date(fact.at).toISOString(),
    project_id: fact.project,
    agent_id: orNull(fact.agent),
    session_id: orNull(fact.task),
    model: orNull(fact.model),
    witnesses: ['transcript'],
    grade: fact.grade,
    input_tokens: 1,
    output_tokens: fact.output,
    cost_usd: fact.cost === null ? null : formatDollars(fact.cost),
    unpriced_reason: fact.cost === null ? 'unknown-model' : null,
  }));
  const columns = Object.keys(rows[0] ?? {}).join(', ');
  await pool.query(
    `INSERT INTO usage_entries (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::usage_entries, $1::json)`,
    [JSON.stringify(rows)],
  );
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** The local time of an instant, by Node's own tables of time zones. */
function localParts(at: number, timeZone: string) {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'longOffset',
    });
    formatters.set(timeZone, formatter);
  }
  const parts = Object.fromEntries(formatter.formatToParts(at).map(({ type, value }) => [type, value]));
  const offset = (parts.timeZoneName ?? '').replace('GMT', '') || '+00:00';
  return { date: `${parts.year}-${parts.month}-${parts.day}`, hour: `${parts.hour}`, offset };
}

function isoWeek(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + 4 - (day.getUTCDay() || 7));
  const week = Math.ceil(((day.getTime() - Date.UTC(day.getUTCFullYear(), 0, 1)) / 86_400_000 + 1) / 7);
  return `${day.getUTCFullYear()}-W${String(week).padStart(2, '0')}`;
}

function keyOf(fact: Fact, by: CostKey, timeZone: string): string | null {
  const { date, hour, offset } = localParts(fact.at, timeZone);
  const keys: Record<CostKey, string> = {
    hour: `${date}T${hour}:00${offset}`,
    day: date,
    week: isoWeek(date),
    month: `${date.slice(0, 7)}-01`,
    session: fact.session,
    task: fact.task,
    agent: fact.agent,
    model: fact.model,
    client: fact.client,
    project: fact.project,
  };
  return orNull(keys[by]);
}

/** The rows that the service must give, by adding up one fact after the other. */
export function naiveRows(facts: readonly Fact[], by: CostKey, timeZone: string) {
  const rows = new Map<string | null, { requests: number; output: number; cost: bigint; unpriced: number }>();
  for (const fact of facts) {
    const key = keyOf(fact, by, timeZone);
    const row = rows.get(key) ?? { requests: 0, output: 0, cost: 0n, unpriced: 0 };
    row.requests += 1;
    row.output += fact.output;
    row.cost += fact.cost ?? 0n;
    row.unpriced += Number(fact.cost === null);
    rows.set(key, row);
  }
  return [...rows]
    .map(([key, { cost, ...row }]) => ({
      key,
      ...row,
      cost: row.requests === row.unpriced ? null : formatDollars(cost),
    }))
    .sort(byKey);
}

const byKey = (a: { key: string | null }, b: { key: string | null }) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1);

/** The service's rows in the form of `naiveRows`. */
export function plainRows(rows: readonly CostRow[]) {
  return rows
    .map(({ key, requests, tokens, costUsd, unpriced }) => ({
      key,
      requests,
      output: tokens.output,
      unpriced,
      cost: costUsd,
    }))
    .sort(byKey);
}
