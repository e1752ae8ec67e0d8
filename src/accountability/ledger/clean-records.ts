import type { UsageRecord } from '../usage.js';

/** No name, id or model is longer; indexes take no more than this several times over. */
const MAX_TEXT_CHARS = 300;
/** Texts that are in no index, or in one that takes a hash of what is long. */
const UNBOUNDED = new Set(['requestId', 'messageId', 'cwd', 'clientCost']);

/** What no PostgreSQL text can hold, as JSON writes it: NUL and halves of surrogate pairs. Other escapes are passed over. */
const BAD_ESCAPES = /\\(?:(u0000|ud[0-9a-f]{3})|.)/g;

/** JSON that a database takes: without NUL and halves of surrogate pairs. @param json as `JSON.stringify` writes it */
export function cleanJson(json: string): string {
  if (!/\\u(?:0000|d)/.test(json)) return json;
  return json.replace(BAD_ESCAPES, (text: string, bad: string | undefined) => (bad === undefined ? text : ''));
}

/**
 * Records as the database can hold them: a client's file may contain anything, and one row must not keep all others of
 * its batch from being written. Well-formed records, which is all in practice, come back as they are.
 */
export function cleanRecords(records: readonly UsageRecord[]): readonly UsageRecord[] {
  const json = JSON.stringify(records);
  const clean = cleanJson(json);
  return (clean === json ? records : (JSON.parse(clean) as UsageRecord[])).map(clipTexts);
}

function clipTexts(record: UsageRecord): UsageRecord {
  const long = Object.entries(record).filter(
    ([name, value]) => typeof value === 'string' && value.length > MAX_TEXT_CHARS && !UNBOUNDED.has(name),
  );
  if (long.length === 0) return record;
  const clipped = long.map(([name, value]) => [name, String(value).slice(0, MAX_TEXT_CHARS)]);
  return { ...record, ...Object.fromEntries(clipped) };
}
