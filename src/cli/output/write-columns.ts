import stringWidth from 'string-width';

const GAP = '  ';
const ELLIPSIS = '…';
/** A column is not made narrower than this, in terminal columns: what is left of it would say nothing. */
const MIN_COLUMN_WIDTH = 8;

/**
 * Rows as lines whose columns stand below each other on a terminal, where a Chinese character or an emoji takes two
 * columns. A column that is empty in all rows is left out.
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

/** Takes from the widest column, again and again, what is too much for a line. */
function fitWidths(natural: readonly number[], maxWidth: number): number[] {
  const widths = [...natural];
  const shown = widths.filter((width) => width > 0).length;
  const total = (): number => widths.reduce((sum, width) => sum + width, 0) + GAP.length * Math.max(0, shown - 1);
  while (total() > maxWidth) {
    const widest = widths.indexOf(Math.max(...widths));
    const width = widths[widest] ?? 0;
    if (width <= MIN_COLUMN_WIDTH) break;
    widths[widest] = width - 1;
  }
  return widths;
}
