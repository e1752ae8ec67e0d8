// Expressions with classes of Unicode are made where they are used: a hook, for which an edit waits, uses hardly any, and
// making one takes longer than all that it does.

/** What a terminal obeys, or what changes the direction or the lines of a text; line breaks and tabs are kept. */
const obeyed = () => /(?![\t\n])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u206a-\u206f\ufff9-\ufffb]/gu;
/** The same with line breaks and tabs, for what stands in one line. */
const obeyedInLine = () => /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u206a-\u206f\ufff9-\ufffb]/gu;
const SHORT: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/**
 * A text whose control characters are seen and not obeyed: each is shown as `\u001b`. JSON stays JSON of the same value.
 */
export function showControls(text: string): string {
  return text.replace(/\r(?=\n|$)/g, '').replace(obeyed(), showOne);
}

/** The same as one line: `\n` for a line break. */
export function showInLine(text: string): string {
  return text.replace(obeyedInLine(), (character) => SHORT[character] ?? showOne(character));
}

function showOne(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
