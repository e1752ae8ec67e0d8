import { MAX_COMPARED_DECISIONS, MIN_CONTRADICTION_COSINE } from '../decisions/contradiction.js';
import { createBest } from './keep-best.js';
import type { Owner, ProjectIndex } from './project-index.js';
import { NEARLY } from './vector-blocks.js';

/**
 * For each memory the decision that was made after it on the same matter: the newest of its own name, else the nearest by
 * meaning. What `findLaterDecisions` of the database finds.
 * @returns ids of decisions, by the memory's
 */
export function findLater(index: ProjectIndex, ids: readonly string[]): Map<string, string> {
  const memories = ids.flatMap((id) => index.owners.get(id) ?? []);
  const first = Math.min(...memories.map(({ createdAt }) => createdAt));
  const newest = createBest<Owner>(MAX_COMPARED_DECISIONS, (a, b) => b.createdAt - a.createdAt);
  for (const decision of index.decisions) if (decision.createdAt > first) newest.offer(decision);
  const found = new Map<string, string>();
  for (const memory of memories) {
    const later = newest.items.filter(({ id, createdAt }) => createdAt > memory.createdAt && id !== memory.id);
    const named = memory.name === null ? undefined : later.find(({ name }) => name === memory.name);
    const decision = named ?? findNearestDecision(index, memory, later);
    if (decision) found.set(memory.id, decision.id);
  }
  return found;
}

/** @param later newest first: of several at one distance the newest is found */
function findNearestDecision(index: ProjectIndex, memory: Owner, later: readonly Owner[]): Owner | null {
  const others = later.flatMap((decision) => slotsWithVectors(index, decision).map((slot) => ({ decision, slot })));
  let nearest: Owner | null = null;
  let least = 1 - MIN_CONTRADICTION_COSINE;
  for (const slot of slotsWithVectors(index, memory)) {
    const cosines = index.vectors.compareSlots(
      slot,
      others.map((other) => other.slot),
    );
    for (const [position, { decision, slot: other }] of others.entries()) {
      if (1 - (cosines[position] as number) > least + NEARLY) continue;
      const distance = index.vectors.distance(slot, other);
      const isNewer = distance === least && nearest !== null && decision.createdAt > nearest.createdAt;
      if (distance >= least && !isNewer) continue;
      nearest = decision;
      least = distance;
    }
  }
  return nearest;
}

function slotsWithVectors(index: ProjectIndex, { slots }: Owner): number[] {
  return slots.filter((slot) => index.passages[slot]?.hasVector);
}
