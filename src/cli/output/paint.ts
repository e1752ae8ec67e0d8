import { styleText } from 'node:util';

/** Emphasis of a whole line, or none: a pipe gets plain text. */
export interface Painter {
  strong(text: string): string;
  faint(text: string): string;
  warning(text: string): string;
}

export function createPainter(isColoured: boolean): Painter {
  // Whether to colour is decided already: by src/config.ts.
  const paint = (style: 'bold' | 'dim' | 'yellow') => (text: string) =>
    isColoured && text !== '' ? styleText(style, text, { validateStream: false }) : text;
  return { strong: paint('bold'), faint: paint('dim'), warning: paint('yellow') };
}
