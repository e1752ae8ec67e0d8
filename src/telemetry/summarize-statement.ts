import { LRUCache } from 'lru-cache';

/** What a span says of a statement: never its text or values. */
export interface StatementSummary {
  /** `db.query.summary`, which is the span's name: operation and target, of low cardinality. */
  summary: string;
  /** `db.operation.name`: the first keyword. */
  operation: string;
  /** `db.collection.name`: the first table, or the function that a SELECT calls; absent when there is none. */
  collection?: string;
}

/** Texts whose summary is remembered: all statements of the product fit. */
const MAX_REMEMBERED = 1_000;
/** Characters of a statement that are looked at: a target is named in its first lines, a generated list is long. */
const MAX_READ_CHARS = 2_000;

const COMMENTS = /--[^\n]*|\/\*[\s\S]*?\*\//g;
const LITERALS = /'(?:[^']|'')*'/g;
const OPERATION = /\b(SELECT|INSERT|UPDATE|DELETE|MERGE)\b/i;
const TARGET =
  /\b(?:FROM|INTO|UPDATE|JOIN|TABLE|USING|ON)\s+(?:ONLY\s+)?("?[a-z_][\w$]*"?(?:\."?[a-z_][\w$]*"?)?)(?!\s*\()/gi;
const FUNCTION = /\bFROM\s+([a-z_][\w$]*)\s*\(|\bSELECT\s+([a-z_][\w$]*)\s*\(/i;
const TABLE_EXPRESSION =
  /(?:\bWITH(?:\s+RECURSIVE)?|,)\s*([a-z_][\w$]*)(?:\s*\([^()]*\))?\s+AS\s+(?:(?:NOT\s+)?MATERIALIZED\s+)?\(/gi;

/** @returns a function that summarizes statements by their first keyword and their first target, and remembers them */
export function createSummarizer(): (text: string) => StatementSummary {
  const known = new LRUCache<string, StatementSummary>({ max: MAX_REMEMBERED });
  return (text) => {
    const found = known.get(text);
    if (found) return found;
    const summary = summarizeStatement(text);
    known.set(text, summary);
    return summary;
  };
}

/**
 * A small parse of a statement's head, not of SQL: comments and literals are dropped, then the operation is the first
 * keyword (after WITH: the first data-changing one, else SELECT), and the target the first table that is no common
 * table expression, else the function that a SELECT calls.
 */
export function summarizeStatement(text: string): StatementSummary {
  const plain = text.slice(0, MAX_READ_CHARS).replace(COMMENTS, ' ').replace(LITERALS, "''").trim();
  const first = (/^[a-z]+/i.exec(plain)?.[0] ?? 'statement').toUpperCase();
  const operation = first === 'WITH' ? mainOperation(plain) : first;
  const collection = findTarget(plain, operation);
  return collection === undefined
    ? { summary: operation, operation }
    : { summary: `${operation} ${collection}`, operation, collection };
}

function mainOperation(plain: string): string {
  const change = /\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO)\s/i.exec(
    plain.replace(/\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b/gi, ''),
  );
  return (change?.[1]?.split(/\s/)[0] ?? OPERATION.exec(plain)?.[0] ?? 'SELECT').toUpperCase();
}

function findTarget(plain: string, operation: string): string | undefined {
  const expressions = new Set([...plain.matchAll(TABLE_EXPRESSION)].map((match) => match[1]?.toLowerCase()));
  const from = { INSERT: /\bINSERT\s+INTO\b/i, UPDATE: /\bUPDATE\s/i, DELETE: /\bDELETE\s+FROM\b/i }[operation];
  const start = from ? Math.max(plain.search(from), 0) : 0;
  for (const match of plain.slice(start).matchAll(TARGET)) {
    const name = match[1]?.replaceAll('"', '').toLowerCase();
    if (name && !expressions.has(name) && !KEYWORDS.has(name)) return name;
  }
  const called = operation === 'SELECT' ? FUNCTION.exec(plain) : null;
  return (called?.[1] ?? called?.[2])?.toLowerCase();
}

/** What may follow FROM, UPDATE, ON or USING without being a table. */
const KEYWORDS = new Set([
  'select',
  'lateral',
  'set',
  'conflict',
  'unnest',
  'only',
  'values',
  'rows',
  'of',
  'nowait',
  'skip',
]);
