import stringWidth from 'string-width';

const GAP = '  ';
const ELLIPSIS = '…';
/** A column is not made narrower than this, in terminal columns: what is left of it would say nothing. */
const MIN_COLUMN_WIDTH = 8;
/** On a terminal narrower than this, a column is not cut to less than that: its row takes several lines instead. */
const NARROW = 60;
const MIN_NARROW_WIDTH = 16;
/** Columns that are no wider, as those of times are, are cut last. */
const SMALL = 16;
/** Paths are cut later than other columns: so much wider they may be, and of them the end is kept. */
const PATH_SHARE = 0.6;
/** Between the cells of a row that takes several lines. */
const DOT = ' · ';

/**
 * Rows as lines whose columns stand below each other on a terminal, where a Chinese character or an emoji takes two
 * columns. A column that is empty in all rows is left out. Where they would be cut to nothing, each row takes several
 * lines: its first cell, and the others below it.
 * @param maxWidth of a line, in terminal columns: the widest cells are shortened until it is kept
 * @param path the column that has paths, if one has
 */
export function alignColumns(
  rows: readonly (readonly string[])[],
  maxWidth: number = Number.POSITIVE_INFINITY,
  path = -1,
): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const natural = Array.from({ length: count }, (_, column) =>
    Math.max(0, ...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  const widths = fitWidths(natural, maxWidth, path);
  if (!isReadable(natural, widths, maxWidth)) return rows.flatMap((row) => stackCells(row, maxWidth));
  return rows.map((row) =>
    widths
      .map((width, column) => padToWidth((column === path ? clipStart : clipToWidth)(row[column] ?? '', width), width))
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

/** The text, or its end behind an ellipsis, in at most `width` terminal columns. */
function clipStart(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let clipped = '';
  for (const { segment } of [...new Intl.Segmenter().segment(text)].reverse()) {
    if (stringWidth(ELLIPSIS + segment + clipped) > width) break;
    clipped = segment + clipped;
  }
  return ELLIPSIS + clipped;
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

/** Takes from the column that can spare most, again and again, what is too much for a line. */
function fitWidths(natural: readonly number[], maxWidth: number, path: number): number[] {
  const widths = [...natural];
  const spare = (width: number, column: number): number => {
    if ((natural[column] ?? 0) <= SMALL) return width - SMALL;
    return column === path ? width * PATH_SHARE : width;
  };
  while (widthOf(widths) > maxWidth) {
    const spares = widths.map((width, column) =>
      width <= MIN_COLUMN_WIDTH ? Number.NEGATIVE_INFINITY : spare(width, column),
    );
    const most = spares.indexOf(Math.max(...spares));
    if (spares[most] === Number.NEGATIVE_INFINITY) break;
    widths[most] = (widths[most] ?? 0) - 1;
  }
  return widths;
}

/** Of a line with columns of these widths; an empty one takes no room. */
function widthOf(widths: readonly number[]): number {
  const shown = widths.filter((width) => width > 0);
  return shown.reduce((sum, width) => sum + width, 0) + GAP.length * Math.max(0, shown.length - 1);
}
