import fc from 'fast-check';

/** Words that may stand in a text of ours only within a quotation. */
export const MARK = 'OBEY ME NOW';

const PARTS = [
  ...[
    '"',
    '\u201c',
    '\u201d',
    '\u00ab',
    '\u00bb',
    '\uff02',
    '\u2033',
    '\u05f4',
    "'",
    '`',
    '``` ',
    '\\',
    '\\"',
    '<!--',
    '</task>',
  ],
  ...[
    '\n',
    '\r',
    '\t',
    '\u0085',
    '\u2028',
    '\u2029',
    '\u0007',
    '\u001b[2J',
    '\u001b]8;;http://x\u0007',
    '\u009b31m',
    '\u007f',
  ],
  ...['\u202e', '\u2066', '\u200b', '\u200d', '\ufeff', '\u{e0041}', '\ufff9', '\ud800', '\u00ad'],
  ...[') ', '. ', '; ', ', ', ': ', '- lock_lost: ', '{"kind":"x"}', '}', '…', 'done', 'a/b.ts', '🦓', 'é', 'دا'],
  'x'.repeat(2_000),
  'two words '.repeat(400),
];

/** Texts that try to pass for ours: to end a quotation, to begin a line, to hide, to fill an answer. */
export const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...PARTS), fc.constant(MARK), fc.string({ maxLength: 6, unit: 'binary' })), {
    minLength: 1,
    maxLength: 8,
  })
  .map((parts) => parts.join(''));

/** Texts of others as they usually are. */
export const PLAIN = 'Refactor auth';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for.
const OBEYED = /[\0-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069\ufeff\ufff9]/;

/** What is wrong with a text of ours that names others; null when nothing is. @param lines that it has whatever they write */
export function findFault(text: string, { maxChars, lines }: { maxChars: number; lines?: number }): string | null {
  if (OBEYED.test(text)) return 'it holds a control character';
  if (text.split('"').length % 2 === 0) return 'a quotation is open';
  if (text.replace(/"[^"]*"/g, '""').includes(MARK.slice(0, 6))) return 'words of others stand outside of quotations';
  if (text.length > maxChars) return `it has ${text.length} characters`;
  if (lines !== undefined && text.split('\n').length !== lines) return 'others began a line of their own';
  return null;
}
