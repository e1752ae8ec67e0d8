import { AppError } from '../errors.js';
import { type IdPrefix, isIdOf } from '../text/ids.js';
import type { MemoryKind } from './memory-types.js';

export const ID_PREFIXES: Record<MemoryKind, IdPrefix> = { stash: 'stash_', insight: 'insight_', decision: 'dec_' };

/**
 * The kind of memory that an id names.
 * @throws AppError `invalid_argument` when it names none
 */
export function kindOfId(id: string): MemoryKind {
  for (const [kind, prefix] of Object.entries(ID_PREFIXES)) if (isIdOf(prefix, id)) return kind as MemoryKind;
  throw new AppError({
    code: 'invalid_argument',
    message: 'id is not that of a stash, insight or decision.',
    fix: 'Ids are stash_, insight_ or dec_ and letters or digits; take one from the answer of recall, pop or get_decisions, or from popstash list.',
  });
}
