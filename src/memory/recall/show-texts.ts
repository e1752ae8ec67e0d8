import { estimateTokens } from '../../text/estimate-tokens.js';
import { fitPassages } from '../excerpts/fit-passages.js';
import { joinPassage, type Place } from '../excerpts/join-passage.js';
import { type PassageDeps, showPassages } from '../excerpts/show-passages.js';
import { measureHolds } from '../origins/measure-holds.js';
import type { Holds } from '../origins/origin-types.js';
import type { RecalledMemory } from './recall-repository.js';

/** Tokens of the JSON around each hit: kind, ids, scores, author, age. */
const FRAME_TOKENS = 79;
/** Of the place that a passage of a long text has in it. */
const PLACE_TOKENS = 16;
/** Of the ellipses around a passage. */
const MARK_TOKENS = 2;
/** A memory that does not fit whole is worth showing only from this many tokens on. */
const MIN_TEXT_TOKENS = 24;

/** A memory as an answer shows it. */
export interface ShownText {
  /** The whole, or the passage that answers. */
  text: string;
  omittedChars: number;
  /** Of the passage; null where the whole is shown. */
  place: Place | null;
}

/**
 * The texts of memories, best first, as many as a token budget has room for: short ones whole, of long ones the passage
 * that answers the query.
 */
export async function showTexts<Found extends { memory: RecalledMemory; whole: string; holds: Holds | undefined }>(
  deps: PassageDeps,
  { projectId, query, tokenBudget }: { projectId: string; query: string; tokenBudget: number },
  found: readonly Found[],
): Promise<(Found & ShownText)[]> {
  const fitted = fitPassages(
    found.map(({ memory, whole, holds }) => ({
      text: whole,
      frameTokens: FRAME_TOKENS + measureHolds(holds),
      unreadChars: memory.unreadChars,
    })),
    { tokenBudget, minTextTokens: MIN_TEXT_TOKENS, minEntries: 1 },
    PLACE_TOKENS,
  );
  const shown = fitted.flatMap(({ text, omittedChars }, index) => {
    const entry = found[index];
    return entry ? [{ ...entry, text, omittedChars, place: null }] : [];
  });
  const cut = shown
    .filter(({ omittedChars }) => omittedChars > 0)
    .map(({ memory, text }) => ({ id: memory.id, tokens: Math.max(1, estimateTokens(text) - MARK_TOKENS) }));
  const passages = await showPassages(deps, projectId, query, cut);
  return shown.map((entry) => {
    const passage = passages.get(entry.memory.id);
    return passage ? { ...entry, ...joinPassage(passage.memory, passage) } : entry;
  });
}
