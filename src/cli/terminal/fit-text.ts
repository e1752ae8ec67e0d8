import stringWidth from 'string-width';

/** A style that a terminal obeys, a run of spaces, or a word. */
const PART = /\p{Cc}\[[\d;]*m| +|(?:(?!\p{Cc}\[)[^ ])+/gu;
const IS_STYLE = /^\p{Cc}\[/u;
const SPACES_AT_END = / +((?:\p{Cc}\[[\d;]*m)*)$/u;
/** Two spaces or more part columns. */
const GAP = / {2,}/g;
/** Further lines of a sentence are indented by this much more. */
const HANGING = 2;

/**
 * A text whose lines are at most `width` columns wide. A longer line goes on below its last column that begins in the left
 * half, or a little to the right of its beginning. Words that are longer than a line are cut.
 */
export function fitText(text: string, width: number): string {
  if (!Number.isFinite(width)) return text;
  return text
    .split('\n')
    .flatMap((line) => (stringWidth(line) <= width ? [line] : foldLine(line, width)))
    .join('\n');
}

function foldLine(line: string, width: number): string[] {
  const indent = ' '.repeat(findIndent(line, width));
  const lines: string[] = [];
  let current = '';
  let isFresh = true;
  for (const [part] of line.matchAll(PART)) {
    if (IS_STYLE.test(part)) current += part;
    else if (part.startsWith(' ')) current += isFresh && lines.length > 0 ? '' : part;
    else {
      if (stringWidth(current + part) > width && !isFresh) {
        lines.push(current.replace(SPACES_AT_END, '$1'));
        current = indent;
      }
      const pieces = cutWord(part, width, stringWidth(current), indent.length);
      for (const piece of pieces.slice(0, -1)) {
        lines.push(current + piece);
        current = indent;
      }
      current += pieces.at(-1) ?? '';
      isFresh = false;
    }
  }
  return [...lines, current.replace(SPACES_AT_END, '$1')];
}

function findIndent(line: string, width: number): number {
  const plain = line.replace(PART, (part) => (IS_STYLE.test(part) ? '' : part));
  const begin = plain.length - plain.trimStart().length;
  const columns = [...plain.matchAll(GAP)]
    .map((gap) => stringWidth(plain.slice(0, gap.index + gap[0].length)))
    .filter((column) => column > begin && column <= width / 2);
  return columns.at(-1) ?? Math.min(begin + HANGING, Math.floor(width / 2));
}

/** The word in pieces: the first for what is left of a line, the others for lines of their own. */
function cutWord(word: string, width: number, used: number, indent: number): string[] {
  if (used + stringWidth(word) <= width) return [word];
  const pieces: string[] = [];
  let piece = '';
  let room = width - used;
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    if (piece !== '' && stringWidth(piece + segment) > room) {
      pieces.push(piece);
      piece = '';
      room = width - indent;
    }
    piece += segment;
  }
  return [...pieces, piece];
}
