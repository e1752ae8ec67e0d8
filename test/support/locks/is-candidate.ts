import { listAncestors } from '../../../src/coordination/locks/list-ancestors.js';
import type { Pattern } from '../../../src/globs/pattern-types.js';

/** Whether a lock on `held` is looked at when `wanted` is asked for: the index is searched by these keys and prefixes. */
export function isCandidate(wanted: Pattern, held: Pattern): boolean {
  const { ancestorKeys, prefixes } = listAncestors([wanted]);
  return ancestorKeys.includes(held.literalPrefix) || prefixes.some((prefix) => held.literalPrefix.startsWith(prefix));
}
