import type { UsageRecord } from '../usage.js';

/** Reads the rows of a document or database one by one: a row that cannot be read is counted and costs no other. */
export function readEach(
  rows: readonly unknown[],
  read: (row: unknown) => UsageRecord[],
): { records: UsageRecord[]; badRows: number } {
  const records: UsageRecord[] = [];
  let badRows = 0;
  for (const row of rows) {
    try {
      records.push(...read(row));
    } catch {
      badRows += 1;
    }
  }
  return { records, badRows };
}
