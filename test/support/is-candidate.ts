import { listPoints } from '../../src/coordination/locks/list-points.js';
import type { Pattern } from '../../src/globs/pattern-types.js';

/** Whether a lock on `held` is looked at when `wanted` is asked for: the index is searched at these points and ranges. */
export function isCandidate(wanted: Pattern, held: Pattern): boolean {
  const { points, ranges } = listPoints([wanted]);
  return points.includes(held.literalPrefix) || ranges.some((range) => held.literalPrefix.startsWith(range));
}
