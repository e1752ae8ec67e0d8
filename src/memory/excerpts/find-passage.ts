import { createTokenMeter } from '../../text/estimate-tokens.js';
import type { LocatedPassage } from '../search/search-types.js';
import { cutExcerpt, type Excerpt } from './cut-excerpt.js';
import { findAnchor, type NearRange } from './find-anchor.js';
import type { QueryRoots } from './query-roots.js';

/** A memory as its passages are cut from it. */
export interface WholeMemory {
  /** It comes before the content in the search text. */
  label: string | null;
  content: string;
  reasoning: string | null;
}

/** What of a memory answers a query. Offsets are UTF-16, within the content or the reasoning. */
export interface Passage {
  content: Excerpt;
  /** Null where there is none, or no room for it. */
  reasoning: Excerpt | null;
}

/** Of the room, what a decision may take whole before a passage of its reasoning. */
const SHARE_OF_CONTENT = 0.6;

/**
 * The passage of a memory that answers a query, in so many tokens. A passage of a decision's reasoning comes with the
 * decision itself, or its beginning.
 * @param near parts of the search text that are near to the query by their vectors
 */
export function findPassage(
  memory: WholeMemory,
  roots: QueryRoots,
  near: readonly LocatedPassage[],
  tokens: number,
): Passage {
  const { content, reasoning } = memory;
  const size = tokens * 4;
  const inContent = rangesWithin(memory, near, 'content');
  if (reasoning === null) {
    return { content: cutExcerpt(content, findAnchor(content, roots, inContent, size).at, tokens), reasoning: null };
  }
  const meter = createTokenMeter(content);
  const ofReason = findAnchor(reasoning, roots, rangesWithin(memory, near, 'reasoning'), size);
  const ofContent = findAnchor(content, roots, inContent, size);
  if (!meter.fits(tokens * SHARE_OF_CONTENT) && ofContent.score >= ofReason.score) {
    return { content: cutExcerpt(content, ofContent.at, tokens), reasoning: null };
  }
  const decision = meter.cut(Math.max(1, Math.floor(tokens * SHARE_OF_CONTENT)));
  const left = Math.max(1, tokens - meter.tokens());
  return {
    content: { text: decision, from: 0, to: decision.length },
    reasoning: cutExcerpt(reasoning, ofReason.at, left),
  };
}

/** Passages of the search text (label, content and reasoning, a line each) that lie in one of its parts, in UTF-16. */
function rangesWithin(
  { label, content, reasoning }: WholeMemory,
  near: readonly LocatedPassage[],
  part: 'content' | 'reasoning',
): NearRange[] {
  const text = part === 'content' ? content : (reasoning ?? '');
  const before = (label === null ? 0 : codePoints(label) + 1) + (part === 'content' ? 0 : codePoints(content) + 1);
  return near.flatMap(({ start, end, cosine }) => {
    const from = unitsOf(text, start - before);
    const to = unitsOf(text, end - before);
    return to > from ? [{ start: from, end: to, cosine }] : [];
  });
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The UTF-16 offset of a code point, within the text. */
function unitsOf(text: string, codePoint: number): number {
  if (codePoint <= 0) return 0;
  if (!/[\ud800-\udfff]/.test(text)) return Math.min(codePoint, text.length);
  let units = 0;
  for (let count = 0; count < codePoint && units < text.length; count += 1) {
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  }
  return units;
}
