import stringWidth from 'string-width';

const GAP = '  ';
const ELLIPSIS = '…';
/** A column is not made narrower than this, in terminal columns. */
const MIN_COLUMN_WIDTH = 8;
/** A column that would be cut to less than this says nothing any more: each row takes several lines instead. */
const MIN_READABLE_WIDTH = 20;
/** Columns that are no wider, as those of times are, are cut last. */
const SMALL = 16;
/** Paths are cut later than other columns: so much wider they may be, and of them the end is kept. */
const PATH_SHARE = 0.6;
/** Between the cells of a row that takes several lines. */
const DOT = ' · ';

export interface ColumnOptions {
  /** The column that has paths, if one has: of them the end is kept. */
  path?: number;
  /** A column that is never cut, such as one of ids, which people copy. */
  whole?: number;
  /** A table with a title keeps one line a row, whatever is cut. */
  isTable?: boolean;
}

/**
 * Rows as lines whose columns stand below each other on a terminal, where a Chinese character or an emoji takes two
 * columns. A column that is empty in all rows is left out. Where one would be cut to nothing, each row takes several
 * lines: its first cell, and the others below it.
 * @param maxWidth of a line, in terminal columns: the widest cells are shortened until it is kept
 */
export function alignColumns(
  rows: readonly (readonly string[])[],
  maxWidth: number = Number.POSITIVE_INFINITY,
  options: ColumnOptions = {},
): string[] {
  return alignRows(rows, maxWidth, options).flat();
}

/** The same, with the lines of each row apart. */
export function alignRows(
  rows: readonly (readonly string[])[],
  maxWidth: number,
  options: ColumnOptions = {},
): string[][] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const natural = Array.from({ length: count }, (_, column) =>
    Math.max(0, ...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  const widths = fitWidths(natural, maxWidth, options);
  if (!options.isTable && !isReadable(natural, widths, maxWidth)) {
    return rows.map((row) => stackCells(row, maxWidth, options));
  }
  const clip = (column: number) => (column === options.path ? clipStart : clipToWidth);
  return rows.map((row) => [
    widths
      .map((width, column) => padToWidth(clip(column)(row[column] ?? '', width), width))
      .filter((_, column) => natural[column] !== 0)
      .join(GAP)
      .trimEnd(),
  ]);
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
  return widths.every((width, column) => width >= Math.min(natural[column] ?? 0, MIN_READABLE_WIDTH));
}

/** A row as several lines: a few short cells may share one. */
function stackCells(row: readonly string[], maxWidth: number, { path }: ColumnOptions): string[] {
  const [first = '', ...others] = row.map((cell, column) =>
    (column === path ? clipStart : clipToWidth)(cell, maxWidth - (column === 0 ? 0 : GAP.length)),
  );
  const lines = [first];
  let line = '';
  for (const cell of others.filter((each) => each !== '')) {
    const longer = `${line}${DOT}${cell}`;
    if (line !== '' && stringWidth(longer) <= maxWidth) line = longer;
    else {
      if (line !== '') lines.push(line);
      line = `${GAP}${cell}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}

/** Takes from the column that can spare most, again and again, what is too much for a line. */
function fitWidths(natural: readonly number[], maxWidth: number, { path, whole }: ColumnOptions): number[] {
  const widths = [...natural];
  const spare = (width: number, column: number): number => {
    if (column === whole || width <= MIN_COLUMN_WIDTH) return Number.NEGATIVE_INFINITY;
    if ((natural[column] ?? 0) <= SMALL) return width - SMALL;
    return column === path ? width * PATH_SHARE : width;
  };
  while (widthOf(widths) > maxWidth) {
    const spares = widths.map(spare);
    const most = spares.indexOf(Math.max(...spares));
    if (spares[most] === undefined || spares[most] === Number.NEGATIVE_INFINITY) break;
    widths[most] = (widths[most] ?? 0) - 1;
  }
  return widths;
}

/** Of a line with columns of these widths; an empty one takes no room. */
function widthOf(widths: readonly number[]): number {
  const shown = widths.filter((width) => width > 0);
  return shown.reduce((sum, width) => sum + width, 0) + GAP.length * Math.max(0, shown.length - 1);
}
