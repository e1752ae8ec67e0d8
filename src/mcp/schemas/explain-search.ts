import type { Degradation, MemoryKind } from '../../memory/memory-types.js';

const PLURALS: Record<MemoryKind, string> = { insight: 'insights', decision: 'decisions', stash: 'stashes' };

/** Said beside hits that words and names alone have found. */
const BY_WORDS =
  'Found by words and names only: the model was not ready in time. Ask again in a moment for a search by meaning.';

/** What is said with hits: undefined where the search was whole. */
export function explainHits(degraded: readonly Degradation[]): string | undefined {
  return degraded.includes('embedding') ? BY_WORDS : undefined;
}

export interface EmptySearch {
  /** What is said where the search was whole, and nothing of another kind is relevant either. */
  nothing: string;
  /** What was looked for, as in "no decision". */
  what: string;
  degraded: readonly Degradation[];
  /** Other kinds that hold something relevant, and how to get them. */
  elsewhere: readonly MemoryKind[];
  way: string;
  /** Memories were saved whose vectors are still to come. */
  isEmbedding?: boolean;
}

/** Why a search has no hit: that nothing is relevant is said only where that is known. */
export function explainNoHits({ nothing, what, degraded, elsewhere, way, isEmbedding }: EmptySearch): string {
  const parts: string[] = [];
  if (elsewhere.length > 0) {
    parts.push(`No ${what} fits, but there are relevant ${listKinds(elsewhere)}: ${way}.`);
  }
  if (degraded.includes('embedding')) {
    parts.push(
      `No ${what} matches by words or name, and the model was not ready to search by meaning. Ask again in a moment.`,
    );
  } else if (isEmbedding) {
    parts.push(`No ${what} was found, but some are still being indexed by meaning. Ask again in a moment.`);
  }
  return parts.length > 0 ? parts.join(' ') : nothing;
}

function listKinds(kinds: readonly MemoryKind[]): string {
  return kinds.map((kind) => PLURALS[kind]).join(' and ');
}
