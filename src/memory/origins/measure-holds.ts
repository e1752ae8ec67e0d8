import { estimateTokens } from '../../text/estimate-tokens.js';
import type { Holds } from './origin-types.js';

/** Of the name of a field and the signs around its value. */
const FIELD_TOKENS = 6;

/** Tokens (o200k, estimated) that the labels of a memory take in an answer. */
export function measureHolds(holds: Holds | undefined): number {
  if (!holds) return 0;
  const { notMerged, otherWorktree, changedFiles, missingFiles, unknown } = holds;
  const values = [notMerged, otherWorktree, ...[changedFiles, missingFiles, unknown].map((list) => list.join('","'))];
  return values.reduce((sum, value) => sum + (value ? FIELD_TOKENS + estimateTokens(value) : 0), 0);
}
