import stringWidth from 'string-width';
import type { CostKey } from '../../accountability/costs/cost-types.js';
import { GRADES } from '../../accountability/usage.js';
import type { LedgerAnswer } from '../../mcp/admin/ledger-protocol.js';
import { type CentDecimals, chooseDecimals, groupDigits, shortCount, showDollars } from './format-figures.js';
import { alignColumns, clipToWidth } from './write-columns.js';

type Report = LedgerAnswer<'costs'>['report'];
type Total = Report['total'];

/** A line of the table: a group, or the total. */
export interface CostLine extends Total {
  /** What people call the group. */
  label: string;
  /** Its id, where the label is another one. */
  id: string;
  /** More may have been spent. */
  isAtLeast: boolean;
}

interface Column {
  title: string;
  cell(line: CostLine): string;
}

/** What lies between two columns. */
const GAP = 2;
/** Of a name or a task's text, in terminal columns. */
const MAX_LABEL_WIDTH = 60;

/** Costs that are a lower bound bear this mark. */
const AT_LEAST = '≥';

/**
 * The table of costs as lines, its title first and the total last, with as many columns as fit the width. Figures are
 * right-aligned; on narrow terminals counts are rounded.
 */
export function layOutCosts(by: CostKey, lines: readonly CostLine[], width: number): string[] {
  const decimals = chooseDecimals(lines.map(({ cost_usd }) => cost_usd));
  const layouts = listLayouts(by, lines, decimals, Math.min(MAX_LABEL_WIDTH, Math.floor(width / 2)));
  const tables = layouts.map((columns) => fill(columns, lines));
  const table = tables.find((rows) => widthOf(rows) <= width) ?? tables.at(-1) ?? [];
  return alignColumns(table, width, { isTable: true });
}

/** From the widest to the narrowest. */
function listLayouts(by: CostKey, lines: readonly CostLine[], decimals: CentDecimals, labelWidth: number): Column[][] {
  const label: Column = { title: by, cell: (line) => clipToWidth(line.label, labelWidth) };
  const id: Column[] = lines.some((line) => line.id !== '') ? [{ title: 'id', cell: (line) => line.id }] : [];
  const exact = (title: string, count: (line: CostLine) => number): Column => ({
    title,
    cell: (line) => groupDigits(count(line)),
  });
  const short = (title: string, count: (line: CostLine) => number): Column => ({
    title,
    cell: (line) => shortCount(count(line)),
  });
  const requests = exact('requests', (line) => line.requests);
  const unpriced: Column[] = lines.some((line) => line.unpriced > 0)
    ? [{ title: 'unpriced', cell: (line) => (line.unpriced > 0 ? groupDigits(line.unpriced) : '') }]
    : [];
  const usd: Column = { title: 'USD', cell: (line) => showCost(line, decimals) };
  const counts: Column = { title: 'known by', cell: (line) => showGrades(line.grades, true) };
  const grades: Column = { title: 'known by', cell: (line) => showGrades(line.grades, false) };
  const classes = [
    exact('input', ({ tokens }) => tokens.input),
    exact('cache read', ({ tokens }) => tokens.cache_read),
    exact('cache write', ({ tokens }) => tokens.cache_write_5m + tokens.cache_write_1h),
    exact('output', ({ tokens }) => tokens.output),
  ];
  const both = [exact('tokens in', tokensIn), exact('out', ({ tokens }) => tokens.output)];
  const rounded = [short('tokens in', tokensIn), short('out', ({ tokens }) => tokens.output)];
  return [
    [label, ...id, requests, ...classes, ...unpriced, usd, counts],
    [label, ...id, requests, ...both, ...unpriced, usd, counts],
    [label, ...id, requests, ...rounded, ...unpriced, usd, grades],
    [label, requests, ...rounded, ...unpriced, usd, grades],
    [label, requests, ...rounded, ...unpriced, usd],
    [label, ...rounded, usd],
    [label, requests, usd],
    [label, usd],
  ];
}

/** Rows of cells. Figures are padded on the left: the label, an id and the grades are text. */
function fill(columns: readonly Column[], lines: readonly CostLine[]): string[][] {
  const rows = [columns.map(({ title }) => title), ...lines.map((line) => columns.map(({ cell }) => cell(line)))];
  return rows.map((row) =>
    row.map((cell, column) => {
      const title = columns[column]?.title ?? '';
      if (column === 0 || title === 'id' || title === 'known by') return cell;
      const widest = Math.max(...rows.map((other) => stringWidth(other[column] ?? '')));
      return ' '.repeat(widest - stringWidth(cell)) + cell;
    }),
  );
}

function widthOf(rows: readonly (readonly string[])[]): number {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => stringWidth(row[column] ?? ''))));
  return widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1);
}

/** Tokens read from and written to a cache count as input. */
function tokensIn({ tokens }: Total): number {
  return tokens.input + tokens.cache_read + tokens.cache_write_5m + tokens.cache_write_1h;
}

function showCost({ cost_usd, isAtLeast }: CostLine, decimals: CentDecimals): string {
  if (cost_usd === null) return '?';
  return `${isAtLeast ? AT_LEAST : ''}${showDollars(cost_usd, decimals)}`;
}

function showGrades(grades: Total['grades'], isCounted: boolean): string {
  const present = GRADES.filter((grade) => grades[grade] !== undefined);
  if (present.length === 1 || !isCounted) return present.join(', ');
  return present.map((grade) => `${groupDigits(grades[grade]?.requests ?? 0)} ${grade}`).join(', ');
}
