import { LRUCache } from 'lru-cache';

/** What a span says of a statement: never its text or values. */
export interface StatementSummary {
  /** `db.query.summary`, which is the span's name: operations and targets, of low cardinality. */
  summary: string;
  /** `db.operation.name`: of the first target. */
  operation: string;
  /** `db.collection.name`: the first table. */
  collection?: string;
  /** `db.stored_procedure.name`: what a SELECT calls instead. */
  procedure?: string;
}

/** Texts whose summary is remembered: all statements of the product fit. */
const MAX_REMEMBERED = 1_000;
/** Characters of a statement that are read: a longer one is a generated list. */
const MAX_READ_CHARS = 8_000;
/** Targets that a summary names, by the conventions' advice to keep it short. */
const MAX_TARGETS = 4;

const COMMENTS = /--[^\n]*|\/\*[\s\S]*?\*\//g;
const LITERALS = /'(?:[^']|'')*'/g;
const NAME = '("?[a-z_][\\w$]*"?(?:\\."?[a-z_][\\w$]*"?)?)(?![\\w$.])';
const CHANGES = new RegExp(`\\b(INSERT\\s+INTO|UPDATE|DELETE\\s+FROM|MERGE\\s+INTO)\\s+(?:ONLY\\s+)?${NAME}`, 'gi');
const READ = new RegExp(`\\b(?:FROM|JOIN)\\s+(?:ONLY\\s+)?${NAME}(?!\\s*\\()`, 'gi');
const CALLED = /\bFROM\s+([a-z_][\w$.]*)\s*\(|\bSELECT\s+([a-z_][\w$.]*)\s*\(/i;
const EXPRESSIONS =
  /(?:\bWITH(?:\s+RECURSIVE)?|,)\s*([a-z_][\w$]*)(?:\s*\([^()]*\))?\s+AS\s+(?:(?:NOT\s+)?MATERIALIZED\s+)?\(/gi;
/** What may follow UPDATE, FROM or JOIN without being a table: ON CONFLICT DO UPDATE SET, FOR UPDATE OF, … */
const KEYWORDS = new Set(['set', 'of', 'nowait', 'skip', 'lateral', 'select', 'values', 'rows']);

/** @returns `summarizeStatement`, which remembers what it found */
export function createSummarizer(): (text: string) => StatementSummary {
  const known = new LRUCache<string, StatementSummary>({ max: MAX_REMEMBERED });
  return (text) => {
    const found = known.get(text) ?? summarizeStatement(text);
    known.set(text, found);
    return found;
  };
}

/**
 * A small parse, not one of SQL: without comments and literals, the changes that a statement makes (those in its common
 * table expressions included); else the first table that it reads; else the function that it calls; else its keyword.
 */
export function summarizeStatement(text: string): StatementSummary {
  const plain = text.slice(0, MAX_READ_CHARS).replace(COMMENTS, ' ').replace(LITERALS, "''").trim();
  const keyword = (/^[a-z]+/i.exec(plain)?.[0] ?? 'STATEMENT').toUpperCase();
  if (!['SELECT', 'WITH', 'INSERT', 'UPDATE', 'DELETE', 'MERGE'].includes(keyword)) {
    return { summary: keyword, operation: keyword };
  }
  const expressions = new Set([...plain.matchAll(EXPRESSIONS)].map((match) => String(match[1]).toLowerCase()));
  const isTable = (name: string) => !expressions.has(name) && !KEYWORDS.has(name);
  return summarizeChanges(plain, isTable) ?? summarizeRead(plain, isTable);
}

function summarizeChanges(plain: string, isTable: (name: string) => boolean): StatementSummary | null {
  const changes = [...plain.matchAll(CHANGES)]
    .map(([, verb = '', name = '']) => ({
      operation: String(verb.split(/\s/)[0]).toUpperCase(),
      table: cleanName(name),
    }))
    .filter(({ table }) => isTable(table));
  const [first] = changes;
  if (!first) return null;
  const named = [...new Set(changes.map(({ operation, table }) => `${operation} ${table}`))].slice(0, MAX_TARGETS);
  return { summary: named.join(' '), operation: first.operation, collection: first.table };
}

function summarizeRead(plain: string, isTable: (name: string) => boolean): StatementSummary {
  const operation = 'SELECT';
  const tables = [...plain.matchAll(READ)].map((match) => cleanName(match[1])).filter(isTable);
  const [collection] = tables;
  if (collection !== undefined) return { summary: `${operation} ${collection}`, operation, collection };
  const called = CALLED.exec(plain);
  const procedure = called && cleanName(called[1] ?? called[2]);
  return procedure ? { summary: `${operation} ${procedure}`, operation, procedure } : { summary: operation, operation };
}

function cleanName(name = ''): string {
  return name.replaceAll('"', '').toLowerCase();
}
