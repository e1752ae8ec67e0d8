import type { Check } from '../../hooks/doctor/run-check.js';
import { fitText } from '../terminal/fit-text.js';
import type { Painter } from '../terminal/paint.js';
import { oneLine } from './show-text.js';

const MARKS: Readonly<Record<Check['state'], string>> = { ok: 'ok', warning: 'warning', broken: 'BROKEN' };
const MARK_WIDTH = 7;
const NAME_WIDTH = 12;
const GAP = '  ';
/** Narrower than this, what was found stands below the name of the check. */
const NARROW = 60;

/** One check of `popstash doctor` for people: its state, its name, what was found, and below it how to mend it. */
export function describeCheck({ name, state, detail, fix }: Check, width: number, painter: Painter): string {
  const paint = { ok: painter.good, warning: painter.warning, broken: painter.bad }[state];
  const mark = paint(MARKS[state]);
  const mend = fix ? [`→ ${oneLine(fix)}`] : [];
  if (width < NARROW) {
    // Fitted with what is painted, by what writes the answer.
    return [`${mark} ${painter.strong(oneLine(name))}`, ...[oneLine(detail), ...mend].map((line) => GAP + line)].join(
      '\n',
    );
  }
  const column = MARK_WIDTH + GAP.length + NAME_WIDTH + GAP.length;
  const below = (line: string) =>
    fitText(line, width - column)
      .split('\n')
      .join(`\n${' '.repeat(column)}`);
  const head = `${mark}${' '.repeat(MARK_WIDTH - MARKS[state].length)}${GAP}${oneLine(name).padEnd(NAME_WIDTH)}${GAP}`;
  return [`${head}${below(oneLine(detail))}`, ...mend.map((line) => ' '.repeat(column) + below(line))].join('\n');
}
