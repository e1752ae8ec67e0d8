import { mapWithYields } from '../../async/yield-to-event-loop.js';
import type { Search } from '../search/search-types.js';
import { findPassage, type Passage, type WholeMemory } from './find-passage.js';
import { parseQueryRoots } from './query-roots.js';

/** A memory that has room for a part of its text only. */
export interface CutMemory {
  id: string;
  /** Estimated, that its passage may take. */
  tokens: number;
}

/** What answers, with the memory that it is of. */
export interface ShownPassage extends Passage {
  memory: WholeMemory;
}

export interface PassageDeps {
  search: Pick<Search, 'locate'>;
  memories: {
    /** Those of these ids that answer, with at most so many characters of each. */
    findByIds(projectId: string, ids: readonly string[], maxChars: number): Promise<(WholeMemory & { id: string })[]>;
  };
}

/** Characters of a memory: more than any has (256 KB of content, and a decision's reasoning). */
const ALL_CHARS = 1_000_000;

/**
 * Of each memory that is too long to be shown whole, the passage that answers the query.
 * @returns by id; without those that are gone meanwhile
 */
export async function showPassages(
  { search, memories }: PassageDeps,
  projectId: string,
  query: string,
  cut: readonly CutMemory[],
): Promise<Map<string, ShownPassage>> {
  if (cut.length === 0) return new Map();
  const ids = cut.map(({ id }) => id);
  const [whole, located] = await Promise.all([
    memories.findByIds(projectId, ids, ALL_CHARS),
    // Without vectors the words decide.
    search.locate(projectId, query, ids).catch(() => new Map<string, never[]>()),
  ]);
  const roots = parseQueryRoots(query);
  const tokensOf = new Map(cut.map(({ id, tokens }) => [id, tokens]));
  const passages = await mapWithYields(whole, (memory): [string, ShownPassage] => [
    memory.id,
    { memory, ...findPassage(memory, roots, located.get(memory.id) ?? [], tokensOf.get(memory.id) ?? 1) },
  ]);
  return new Map(passages);
}
