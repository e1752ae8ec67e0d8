import * as z from 'zod';
import { type AuthorFacts, createAuthorWords } from '../../memory/authors/author-facts.js';
import { MIN_WRONG_SESSIONS } from '../../memory/feedback/marks-sql.js';
import type { ReplacedVersion } from '../../memory/versions/replaced-sql.js';
import { humanAge } from '../../text/age.js';
import type { Redactions } from '../../text/clean-input.js';
import { clipText } from '../../text/clip-text.js';
import { presentText } from '../../text/present-text.js';

/** Parts of PopStash that were unavailable while this call was answered. */
export const degraded = z.array(z.string()).optional();

/** Secrets that were taken out before anything was stored: their kinds, and where each stood. */
export const redactions = {
  redacted: z.array(z.string()).optional(),
  redacted_at: z.array(z.string()).optional(),
};

/** Places that one answer names. */
const MAX_PLACES = 20;

/** The fields that say what was taken out; none when nothing was. */
export function presentRedactions({ kinds, places }: Redactions) {
  return { redacted: unlessEmpty(kinds), redacted_at: unlessEmpty(places.slice(0, MAX_PLACES)) };
}

/** What a save replaced under its name, when that was another agent's. */
export const replaced = z
  .object({ id: z.string(), version: z.int(), author: z.string().nullable(), age: z.string(), begins: z.string() })
  .optional();

/** How many sessions marked a memory wrong; said from MIN_WRONG_SESSIONS on. */
export const marked_wrong = z.int().optional();

export function presentWrong(sessions: number): number | undefined {
  return sessions >= MIN_WRONG_SESSIONS ? sessions : undefined;
}

/** Fields that few answers of a tool carry: docs/tools.md has them, the list of tools, which every session pays for, has not. */
export const RARE_FIELDS: ReadonlySet<string> = new Set([
  'changed_files',
  'marked_wrong',
  'missing_files',
  'not_merged',
  'other_worktree',
  'redacted',
  'redacted_at',
  'removed_invisible',
  'unknown',
]);

/** A score as agents read it: further digits mean nothing. */
export function roundScore(score: number): number {
  return Math.round(score * 100) / 100;
}

/** Position of a passage in the whole text of its memory, in characters: `120-330 of 5200`. */
export function wordPlace(place: { from: number; to: number; of: number } | null): string | undefined {
  return place ? `${place.from}-${place.to} of ${place.of}` : undefined;
}

/** Leaves an empty list out of an answer, to save tokens. */
export function unlessEmpty<T>(list: readonly T[]): T[] | undefined {
  return list.length > 0 ? [...list] : undefined;
}

/** Invisible or bidirectional control characters left out of stored text in this answer. */
export const removed_invisible = z.int().optional();

/** Characters that are read for each one that may be shown, since invisible ones are left out. */
const READ_PER_SHOWN = 10;

export interface Presenter {
  text(stored: string): string;
  optional(stored: string | null): string | null;
  /** The first `length` characters of a text. The rest is not read. */
  clipped(stored: string, length: number): string;
  author(author: AuthorFacts | null): string | null;
  /** Every string in it, names included. */
  json(stored: Record<string, unknown>): Record<string, unknown>;
  /** Characters left out so far; undefined when none were. */
  removed(): number | undefined;
}

/** Presents the stored texts of one answer, and counts the characters that it leaves out so that the answer can say so. */
export function createPresenter(): Presenter {
  let removed = 0;
  const text = (stored: string) => {
    const presented = presentText(stored);
    removed += presented.removed;
    return presented.text;
  };
  const value = (stored: unknown): unknown => {
    if (typeof stored === 'string') return text(stored);
    if (Array.isArray(stored)) return stored.map(value);
    return stored !== null && typeof stored === 'object' ? record(stored) : stored;
  };
  const record = (stored: object): Record<string, unknown> =>
    Object.fromEntries(Object.entries(stored).map(([name, item]) => [text(name), value(item)]));
  return {
    text,
    optional: (stored) => (stored === null ? null : text(stored)),
    clipped: (stored, length) => clipText(text(clipText(stored, READ_PER_SHOWN * length)), length),
    json: record,
    author: createAuthorWords(),
    removed: () => removed || undefined,
  };
}

/** Characters of a replaced text: its first words. */
const MAX_BEGINNING = 120;

/** What a save replaced, as the agent reads it. */
export function presentReplaced(old: ReplacedVersion | null, shown: Presenter): z.input<typeof replaced> {
  if (!old) return undefined;
  const { id, version, author, excerpt, createdAt, now } = old;
  return {
    id,
    version,
    author: shown.author(author),
    age: humanAge(createdAt, now),
    begins: shown.clipped(excerpt, MAX_BEGINNING),
  };
}
