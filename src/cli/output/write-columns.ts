import stringWidth from 'string-width';

const GAP = '  ';
const ELLIPSIS = '…';
/** A column is not made narrower than this, in terminal columns: what is left of it would say nothing. */
const MIN_COLUMN_WIDTH = 8;
/** On a terminal narrower than this, a column is not cut to less than that: its row takes several lines instead. */
const NARROW = 60;
const MIN_NARROW_WIDTH = 16;
/** Between the cells of a row that takes several lines. */
const DOT = ' · ';

/**
 * Rows as lines whose columns stand below each other on a terminal, where a Chinese character or an emoji takes two
 * columns. A column that is empty in all rows is left out. Where they would be cut to nothing, each row takes several
 * lines: its first cell, and the others below it.
 * @param maxWidth of a line, in terminal columns: the widest cells are shortened until it is kept
 */
export function alignColumns(
  rows: readonly (readonly string[])[],
  maxWidth: number = Number.POSITIVE_INFINITY,
): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const natural = Array.from({ length: count }, (_, column) =>
    Math.max(0, ...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  const widths = fitWidths(natural, maxWidth);
  if (!isReadable(natural, widths, maxWidth)) return rows.flatMap((row) => stackCells(row, maxWidth));
  return rows.map((row) =>
    widths
      .map((width, column) => padToWidth(clipToWidth(row[column] ?? '', width), width))
      .filter((_, column) => natural[column] !== 0)
      .join(GAP)
      .trimEnd(),
  );
}

/** The text, or its beginning with an ellipsis, in at most `width` terminal columns; characters are never cut apart. */
export function clipToWidth(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let clipped = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(clipped + segment + ELLIPSIS) > width) break;
    clipped += segment;
  }
  return `${clipped}${ELLIPSIS}`;
}

export function padToWidth(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

function isReadable(natural: readonly number[], widths: readonly number[], maxWidth: number): boolean {
  if (widthOf(widths) > maxWidth) return false;
  if (maxWidth >= NARROW) return true;
  return widths.every((width, column) => width >= Math.min(natural[column] ?? 0, MIN_NARROW_WIDTH));
}

/** A row as several lines: a few short cells may share one. */
function stackCells(row: readonly string[], maxWidth: number): string[] {
  const [first = '', ...others] = row.filter((cell) => cell !== '');
  const lines = [clipToWidth(first, maxWidth)];
  let line = '';
  for (const cell of others) {
    const longer = line === '' ? `${GAP}${cell}` : `${line}${DOT}${cell}`;
    if (line !== '' && stringWidth(longer) > maxWidth) {
      lines.push(clipToWidth(line, maxWidth));
      line = `${GAP}${cell}`;
    } else line = longer;
  }
  return line === '' ? lines : [...lines, clipToWidth(line, maxWidth)];
}

/** Takes from the widest column, again and again, what is too much for a line. */
function fitWidths(natural: readonly number[], maxWidth: number): number[] {
  const widths = [...natural];
  while (widthOf(widths) > maxWidth) {
    const widest = widths.indexOf(Math.max(...widths));
    const width = widths[widest] ?? 0;
    if (width <= MIN_COLUMN_WIDTH) break;
    widths[widest] = width - 1;
  }
  return widths;
}

/** Of a line with columns of these widths; an empty one takes no room. */
function widthOf(widths: readonly number[]): number {
  const shown = widths.filter((width) => width > 0);
  return shown.reduce((sum, width) => sum + width, 0) + GAP.length * Math.max(0, shown.length - 1);
}
