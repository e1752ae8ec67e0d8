import { customAlphabet } from 'nanoid';

/** What an id names, as its prefix says. */
export type IdPrefix = 'agent_' | 'sess_' | 'stash_' | 'insight_' | 'dec_' | 'lock_' | 'ann_' | 'import_' | 'keeper_';

/**
 * Lower-case letters and digits: an id survives case-folding file systems, URLs, and being read aloud.
 * 16 of 36 symbols are 82 bits: a billion ids meet with a chance of one in ten million.
 */
const randomPart = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 16);

/** Whether a text has the form of an id of this kind. No other text is looked up: it may hold what no database takes. */
export function isIdOf(prefix: IdPrefix, text: string): boolean {
  return text.startsWith(prefix) && /^[0-9a-z]{1,40}$/.test(text.slice(prefix.length));
}

/** A new id such as `insight_k3v0q8x2m1t7b5ra`, unguessable and unique without asking the database. */
export function newId(prefix: IdPrefix): string {
  return prefix + randomPart();
}
