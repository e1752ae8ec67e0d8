/**
 * Glossary.
 * memory: a stash, an insight or a decision; a kind names which.
 * live: neither superseded nor forgotten (nor expired, where the kind expires).
 * passage: a part of a memory's search text that is ranked by its words, its vector, or both.
 */
export const MEMORY_KINDS = ['stash', 'insight', 'decision'] as const;
export type MemoryKind = (typeof MEMORY_KINDS)[number];

/** Parts of PopStash that may be missing while a call still answers; named in its `degraded`. */
export type Degradation =
  /** Redis or its connection is down: writes go on, jobs catch up from the database. */
  | 'jobs'
  /** No vector for this query in time: the answer is by words and names only. */
  | 'embedding'
  /** A task has begun, but what is known of it could not be read. */
  | 'context';
