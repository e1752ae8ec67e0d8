import type { MemoryKind } from '../memory-types.js';
import type { WordList } from '../search/correct-words.js';
import { createLexemeWords } from './lexeme-words.js';
import { parseLexemes } from './parse-lexemes.js';
import type { PassageRow } from './read-passages.js';
import { createVectorBlocks, type VectorBlocks } from './vector-blocks.js';

/** A passage in memory; its slot is its position in `passages`, and is never given to another one. */
export interface HeldPassage {
  id: number;
  owner: Owner;
  start: number;
  end: number;
  expiresAt: number;
  hasWords: boolean;
  hasVector: boolean;
}

export interface Owner {
  kind: MemoryKind;
  id: string;
  /** As names are compared. */
  name: string | null;
  /** When it was written, in seconds since the epoch, with its microseconds. */
  createdAt: number;
  /** Of its passages that are there. */
  slots: number[];
}

/** Where a lexeme occurs: slots in rising order, and how often in each. */
export interface Postings {
  slots: number[];
  counts: number[];
}

/** The passages of one project: derived from its rows, complete when `isWhole`. */
export interface ProjectIndex {
  readonly projectId: string;
  isWhole: boolean;
  /** Null where a passage was. */
  readonly passages: (HeldPassage | null)[];
  /** Of the passages, in words; GONE where one was. */
  readonly lengths: readonly number[];
  readonly owners: ReadonlyMap<string, Owner>;
  /** Those of the owners that are decisions. */
  readonly decisions: ReadonlySet<Owner>;
  readonly postings: ReadonlyMap<string, Postings>;
  readonly vectors: VectorBlocks;
  readonly words: WordList;
  /** Passages that are there, those of them that expire, those with words, and the sum of the lengths of these. */
  readonly totals: { passages: number; expiring: number; worded: number; length: number };
  /** Adds a passage, in the place of what it was. */
  put(row: PassageRow): void;
  remove(passageId: number): void;
}

/** The length of a passage that is no longer there. */
export const GONE = -1;

export function createProjectIndex(projectId: string): ProjectIndex {
  const passages: (HeldPassage | null)[] = [];
  const lengths: number[] = [];
  const owners = new Map<string, Owner>();
  const decisions = new Set<Owner>();
  const postings = new Map<string, Postings>();
  const vectors = createVectorBlocks();
  const words = createLexemeWords();
  const totals = { passages: 0, expiring: 0, worded: 0, length: 0 };
  const slotOf = new Map<number, number>();

  function count({ hasWords, expiresAt }: HeldPassage, length: number, by: 1 | -1): void {
    totals.passages += by;
    if (Number.isFinite(expiresAt)) totals.expiring += by;
    if (!hasWords) return;
    totals.worded += by;
    totals.length += by * length;
  }

  function post(lexeme: string, slot: number, times: number): void {
    let known = postings.get(lexeme);
    if (!known) {
      known = { slots: [], counts: [] };
      postings.set(lexeme, known);
      words.add(lexeme);
    }
    known.slots.push(slot);
    known.counts.push(times);
  }

  function ownerOf({ kind, ownerId: id, name, createdAt }: PassageRow): Owner {
    const known = owners.get(id);
    if (known) return known;
    const owner = { kind, id, name, createdAt, slots: [] };
    owners.set(id, owner);
    if (kind === 'decision') decisions.add(owner);
    return owner;
  }

  function remove(passageId: number): void {
    const slot = slotOf.get(passageId);
    const passage = slot === undefined ? null : passages[slot];
    if (slot === undefined || !passage) return;
    slotOf.delete(passageId);
    passages[slot] = null;
    passage.owner.slots = passage.owner.slots.filter((other) => other !== slot);
    if (passage.owner.slots.length === 0) {
      owners.delete(passage.owner.id);
      decisions.delete(passage.owner);
    }
    count(passage, lengths[slot] as number, -1);
    lengths[slot] = GONE;
  }

  return {
    projectId,
    isWhole: false,
    passages,
    lengths,
    owners,
    decisions,
    postings,
    vectors,
    words: words.list,
    totals,
    remove,
    put(row) {
      remove(row.id);
      const slot = passages.length;
      const owner = ownerOf(row);
      owner.slots.push(slot);
      slotOf.set(row.id, slot);
      const passage: HeldPassage = {
        id: row.id,
        owner,
        start: row.start,
        end: row.end,
        expiresAt: row.expiresAt ?? Number.POSITIVE_INFINITY,
        hasWords: row.lexemes !== null,
        hasVector: row.vector !== null,
      };
      passages.push(passage);
      lengths.push(row.length);
      count(passage, row.length, 1);
      if (row.vector) vectors.set(slot, row.vector);
      for (const { lexeme, count: times } of parseLexemes(row.lexemes ?? '')) post(lexeme, slot, times);
    },
  };
}
