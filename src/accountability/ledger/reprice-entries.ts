import type { Pool } from 'pg';
import { inTransaction } from '../../db/in-transaction.js';
import type { PriceBook } from '../prices/price-book.js';
import type { Witness } from '../usage.js';
import { lockAllEntries } from './ledger-locks.js';
import { priceEntry } from './price-entry.js';
import { type EvidenceColumns, evidenceOf } from './stored-entry.js';

/** Entries of one transaction: about 50 ms, in which nobody else writes entries. */
const MAX_BATCH = 1_000;

export interface RepriceOptions {
  /** Every entry, not only those that were priced with other prices than today's. */
  all?: boolean;
  /** Stops between two batches. */
  signal?: AbortSignal;
  /** After each batch. */
  onProgress?: (outcome: RepriceOutcome) => void;
}

export interface RepriceOutcome {
  checked: number;
  /** Entries whose cost is another one now, or known or unknown for another reason. */
  changed: number;
}

interface PricedRow extends EvidenceColumns {
  id: string;
  occurred_at: Date;
  witnesses: Witness[];
  cost_usd: string | null;
  price_version: string | null;
  unpriced_reason: string | null;
}

const SELECT = `SELECT id, occurred_at, witnesses::text[] AS witnesses, grade, is_finished, is_replay, revision,
    is_cache_split_known, model, provider, input_tokens::float8, output_tokens::float8, reasoning_tokens::float8,
    cache_read_tokens::float8, cache_write_5m_tokens::float8, cache_write_1h_tokens::float8, iterations, web_searches,
    service_tier, speed, inference_geo, client_cost, trim_scale(cost_usd)::text AS cost_usd, price_version, unpriced_reason
  FROM usage_entries
  WHERE id > $1 AND ($2 OR price_version IS DISTINCT FROM $3) ORDER BY id LIMIT ${MAX_BATCH}`;

/**
 * Computes the cost of entries again, from their tokens and today's prices. Exact, in batches; totals are right at every
 * moment between. May be stopped and started again.
 * @throws the database's error
 */
export async function repriceEntries(
  pool: Pool,
  book: PriceBook,
  { all = false, signal, onProgress }: RepriceOptions = {},
): Promise<RepriceOutcome> {
  const outcome: RepriceOutcome = { checked: 0, changed: 0 };
  // With a file of the user's any entry may have another price: its version does not tell which rules there were.
  const isEvery = all || book.file !== null;
  let after = '0';
  while (!signal?.aborted) {
    const batch = await inTransaction(pool, async (client) => {
      // Another writer may be about to change the same rows in another order.
      await lockAllEntries(client);
      const { rows } = await client.query<PricedRow>(SELECT, [after, isEvery, book.version]);
      const changes = rows.flatMap((row) => {
        const usage = { ...evidenceOf(row), at: row.occurred_at.toISOString() };
        const price = priceEntry(usage, row.witnesses.includes('report'), book);
        const isSame =
          price.cost_usd === row.cost_usd &&
          price.price_version === row.price_version &&
          price.unpriced_reason === row.unpriced_reason;
        return isSame ? [] : [{ id: row.id, ...price }];
      });
      if (changes.length > 0) {
        await client.query(
          `UPDATE usage_entries e SET cost_usd = n.cost_usd, price_version = n.price_version,
             unpriced_reason = n.unpriced_reason, updated_at = now()
           FROM json_populate_recordset(NULL::usage_entries, $1::json) AS n WHERE e.id = n.id`,
          [JSON.stringify(changes)],
        );
      }
      return { last: rows.at(-1)?.id, checked: rows.length, changed: changes.length };
    });
    outcome.checked += batch.checked;
    outcome.changed += batch.changed;
    onProgress?.({ ...outcome });
    if (batch.last === undefined || batch.checked < MAX_BATCH) break;
    after = batch.last;
  }
  return outcome;
}
