import type { MemoryKind } from '../../memory/memory-types.js';

/** Kinds as people write them. */
export const KIND_NAMES = {
  stash: 'stash',
  stashes: 'stash',
  insight: 'insight',
  insights: 'insight',
  decision: 'decision',
  decisions: 'decision',
} as const satisfies Record<string, MemoryKind>;
export type KindName = keyof typeof KIND_NAMES;
export const KIND_CHOICES = Object.keys(KIND_NAMES);
