import { MEMORY_KINDS, type MemoryKind } from '../memory-types.js';
import type { Search } from './search-types.js';

/** Hits that tell whether a kind has something relevant: more would only be counted. */
const MAX_HITS = 10;

/**
 * Kinds besides these that hold something relevant to a query: an answer without a hit names them, so that nothing is
 * hidden by its kind.
 */
export async function findOtherKinds(
  search: Search,
  { projectId, query, kinds }: { projectId: string; query: string; kinds: readonly MemoryKind[] },
): Promise<MemoryKind[]> {
  const others = MEMORY_KINDS.filter((kind) => !kinds.includes(kind));
  if (others.length === 0) return [];
  const { hits } = await search.search({ projectId, query, kinds: others, limit: MAX_HITS });
  return others.filter((kind) => hits.some((hit) => hit.kind === kind));
}
