import type { Excerpt } from './cut-excerpt.js';
import type { Passage, WholeMemory } from './find-passage.js';

/** Position of a passage in the whole text of its memory, in characters (UTF-16 units), [from, to). */
export interface Place {
  from: number;
  to: number;
  of: number;
}

export interface JoinedPassage {
  text: string;
  omittedChars: number;
  place: Place;
}

const REASONING = '\nReasoning: ';

/** A memory as one text: a decision's reasoning below the decision. */
export function joinWhole({ content, reasoning }: Pick<WholeMemory, 'content' | 'reasoning'>): string {
  return reasoning === null ? content : `${content}${REASONING}${reasoning}`;
}

/** An excerpt, with an ellipsis where text is left out before or after it. */
export function markExcerpt({ text, from, to }: Excerpt, whole: string): string {
  return `${from > 0 ? '… ' : ''}${text}${to < whole.length ? ' …' : ''}`;
}

/** A passage as one text, and its place in the one that joinWhole makes. */
export function joinPassage(memory: WholeMemory, { content, reasoning }: Passage): JoinedPassage {
  const of = joinWhole(memory).length;
  const head = markExcerpt(content, memory.content);
  if (memory.reasoning === null || reasoning === null) {
    const shown = content.to - content.from;
    // A decision without room for its reasoning is not whole.
    const text = memory.reasoning !== null && content.to === memory.content.length ? `${head} …` : head;
    return { text, omittedChars: of - shown, place: { from: content.from, to: content.to, of } };
  }
  const before = memory.content.length + REASONING.length;
  const isWhole = reasoning.to - reasoning.from === memory.reasoning.length;
  const shown = content.to - content.from + REASONING.length + reasoning.to - reasoning.from;
  return {
    text: `${head}${REASONING}${markExcerpt(reasoning, memory.reasoning)}`,
    omittedChars: of - shown,
    place: isWhole
      ? { from: content.from, to: content.to, of }
      : { from: before + reasoning.from, to: before + reasoning.to, of },
  };
}
