import type { UsageSample } from '../../telemetry/metric-types.js';
import type { EntryRow } from './entry-row.js';

/** The columns of an entry that are measured. Costs of stored rows come as numbers. */
type Measured = Pick<
  EntryRow,
  | 'input_tokens'
  | 'output_tokens'
  | 'reasoning_tokens'
  | 'cache_read_tokens'
  | 'cache_write_5m_tokens'
  | 'cache_write_1h_tokens'
> & { cost_usd: string | number | null };

const CLASSES = ['input', 'output', 'reasoning', 'cache_read', 'cache_write_5m', 'cache_write_1h'] as const;

/**
 * What an entry adds to the metrics of usage. Counters only grow: of a request that was measured before, only what more is
 * known of it now.
 * @param before the same request as it was stored before; several if they turned out to be one
 */
export function measureEntry(entry: EntryRow, before: readonly Measured[] = []): UsageSample {
  const more = (now: number, known: (row: Measured) => number) =>
    Math.max(0, now - before.reduce((sum, row) => sum + known(row), 0));
  const tokens = CLASSES.map((name) => [name, more(entry[`${name}_tokens`], (row) => row[`${name}_tokens`])] as const);
  const isCounted = before.length > 0;
  return {
    tokens: Object.fromEntries(tokens),
    costUsd:
      entry.cost_usd === null && !isCounted
        ? null
        : more(Number(entry.cost_usd ?? 0), (row) => Number(row.cost_usd ?? 0)),
    model: entry.model ?? 'unknown',
    client: entry.client || 'unknown',
    grade: entry.grade,
  };
}
