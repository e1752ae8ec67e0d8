/** A lexeme with its positions: `'don''t':2,5A`; one without positions is an identifier. */
const LEXEME = /'((?:[^'\\]|''|\\.)*)'(?::([0-9A-D,]+))?/gs;

export interface CountedLexeme {
  lexeme: string;
  /** Times that it occurs; 1 for an identifier. */
  count: number;
}

/** Reads the text form of a tsvector. */
export function parseLexemes(tsvector: string): CountedLexeme[] {
  return Array.from(tsvector.matchAll(LEXEME), ([, quoted = '', positions]) => ({
    lexeme: /['\\]/.test(quoted) ? quoted.replace(/(['\\])\1/g, '$1') : quoted,
    count: positions === undefined ? 1 : positions.split(',').length,
  }));
}
