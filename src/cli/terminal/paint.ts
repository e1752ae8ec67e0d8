import { randomUUID } from 'node:crypto';
import { styleText } from 'node:util';

/** Emphasis of a line or a part of one, or none: a pipe gets plain text. */
export interface Painter {
  strong(text: string): string;
  faint(text: string): string;
  warning(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

const ESCAPE = '\u001b';
/** Stands for the escape character of our styles until a text is written: no data holds it. */
const MARK = `\ufdd0${randomUUID()}`;

export function createPainter(isColoured: boolean): Painter {
  // Whether to colour is decided already: by src/config.ts.
  const paint = (style: 'bold' | 'dim' | 'yellow' | 'green' | 'red') => {
    const [open = '', close = ''] = styleText(style, ' ', { validateStream: false })
      .replaceAll(ESCAPE, MARK)
      .split(' ');
    return (text: string) => (isColoured && text !== '' ? `${open}${text}${close}` : text);
  };
  return {
    strong: paint('bold'),
    faint: paint('dim'),
    warning: paint('yellow'),
    good: paint('green'),
    bad: paint('red'),
  };
}

/** The text as a terminal takes it. What was there of escape characters before is to be shown by showControls first. */
export function writeStyles(text: string): string {
  return text.replaceAll(MARK, ESCAPE);
}
