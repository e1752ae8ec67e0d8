import { listAncestors, lookupKey } from '../../../src/coordination/locks/list-ancestors.js';
import type { Pattern } from '../../../src/globs/pattern-types.js';

/** Whether a lock on `held` is looked at when `wanted` is asked for: the index is searched by these keys and prefixes. */
export function isCandidate(wanted: Pattern, held: Pattern): boolean {
  const board = 'proj_any';
  const key = lookupKey({ ...held, board });
  const { ancestorKeys, prefixes } = listAncestors([{ ...wanted, board }]);
  return ancestorKeys.includes(key) || prefixes.some((prefix) => key.startsWith(prefix));
}
