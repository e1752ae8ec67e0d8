import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import type { MemoryKind } from '../memory-types.js';
import { MAX_NEAREST_MEMORIES } from '../search/search-vectors.js';
import type { Owner, ProjectIndex } from './project-index.js';
import { NEARLY } from './vector-blocks.js';

export interface NearMemory {
  owner: Owner;
  cosine: number;
}

/** Steps of the cosine, from -1 to 1, in which passages are counted. */
const STEPS = 8_192;
/** Passages of which MAX_NEAREST_MEMORIES memories are expected; more are taken where that is too few. */
const FIRST_PASSAGES = MAX_NEAREST_MEMORIES + 28;

/** A vector with the cosines of all passages to it, nearly, by slot. */
export interface ComparedVector {
  vector: Float32Array;
  nearly: Float32Array;
}

/** Compares all passages with a vector, nearly. */
export async function compareAll(index: ProjectIndex, vector: Float32Array): Promise<ComparedVector> {
  const nearly = new Float32Array(index.passages.length);
  for (let block = 0; block < index.vectors.blocks(); block++) {
    await yieldToEventLoop();
    index.vectors.compareBlock(block, vector, nearly);
  }
  return { vector, nearly };
}

/**
 * The memories nearest to a vector, at most MAX_NEAREST_MEMORIES, and those of `wanted` that have a vector: each with the
 * cosine of its best passage, exactly as the database computes it. Passages that may be among the nearest are compared once
 * more.
 */
export function findNearest(
  index: ProjectIndex,
  { vector, nearly }: ComparedVector,
  kinds: readonly MemoryKind[],
  wanted: ReadonlySet<string>,
  now: number,
): NearMemory[] {
  const isSearched = (slot: number) => {
    const passage = index.passages[slot];
    return passage?.hasVector === true && passage.expiresAt > now && kinds.includes(passage.owner.kind);
  };
  const owners = chooseOwners(index, nearly, isSearched);
  for (const id of wanted) {
    const owner = index.owners.get(id);
    if (owner?.slots.some(isSearched)) owners.add(owner);
  }
  return Array.from(owners, (owner) => ({
    owner,
    cosine: Math.max(...owner.slots.filter(isSearched).map((slot) => index.vectors.compare(slot, vector))),
  }))
    .sort((a, b) => b.cosine - a.cosine || (a.owner.id < b.owner.id ? -1 : 1))
    .filter(({ owner }, rank) => rank < MAX_NEAREST_MEMORIES || wanted.has(owner.id));
}

/** Memories among which the nearest are: all whose best passage is not clearly behind. */
function chooseOwners(index: ProjectIndex, nearly: Float32Array, isSearched: (slot: number) => boolean): Set<Owner> {
  const counts = new Uint32Array(STEPS);
  for (let slot = 0; slot < nearly.length; slot++) {
    const step = stepOf(nearly[slot] as number);
    counts[step] = (counts[step] as number) + 1;
  }
  for (let enough = FIRST_PASSAGES; ; enough *= 4) {
    let step = STEPS;
    for (let passages = 0; step > 0 && passages < enough; ) passages += counts[--step] as number;
    // By a step lower, for passages that are nearer than they seem.
    const least = (2 * (step - 1)) / STEPS - 1 - 2 * NEARLY;
    const owners = new Set<Owner>();
    for (let slot = 0; slot < nearly.length; slot++) {
      if ((nearly[slot] as number) >= least && isSearched(slot))
        owners.add((index.passages[slot] as { owner: Owner }).owner);
    }
    if (owners.size >= MAX_NEAREST_MEMORIES || step === 0) return owners;
  }
}

function stepOf(cosine: number): number {
  return Math.min(STEPS - 1, Math.max(0, Math.floor(((cosine + 1) / 2) * STEPS)));
}
