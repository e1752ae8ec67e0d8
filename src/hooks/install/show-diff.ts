import type { FileChange } from './install-types.js';

const CONTEXT = 2;
/** Longer files are shown by what begins and ends alike only. */
const MAX_CELLS = 4_000_000;

/** A change as people read it: removed and added lines with a little around them. */
export function showDiff({ path, before, after }: FileChange): string {
  const what = before === null ? 'new file' : after === null ? 'deleted' : 'changed';
  const lines = compareLines(toLines(before), toLines(after));
  const shown = lines.filter((line, index) => line.mark !== ' ' || isNearChange(lines, index));
  return [`${path} (${what})`, ...shown.map(({ mark, text }) => `${mark} ${text}`)].join('\n');
}

interface Line {
  mark: ' ' | '+' | '-';
  text: string;
}

function isNearChange(lines: readonly Line[], index: number): boolean {
  return lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ mark }) => mark !== ' ');
}

/** By the longest common subsequence of what differs. */
function compareLines(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(before.length, after.length) - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const same = (lines: readonly string[]): Line[] => lines.map((text) => ({ mark: ' ', text }));
  const middle = compareMiddle(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [...same(before.slice(0, head)), ...middle, ...same(before.slice(before.length - tail))];
}

function compareMiddle(before: readonly string[], after: readonly string[]): Line[] {
  const removed = before.map((text): Line => ({ mark: '-', text }));
  const added = after.map((text): Line => ({ mark: '+', text }));
  const width = after.length + 1;
  if ((before.length + 1) * width > MAX_CELLS) return [...removed, ...added];
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number) => lengths[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      lengths[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: Line[] = [];
  let [row, column] = [0, 0];
  while (row < before.length || column < after.length) {
    const [old, fresh] = [removed[row], added[column]];
    if (old && fresh && old.text === fresh.text) {
      lines.push({ mark: ' ', text: old.text });
      row += 1;
      column += 1;
    } else if (fresh && (!old || at(row, column + 1) > at(row + 1, column))) {
      lines.push(fresh);
      column += 1;
    } else if (old) {
      lines.push(old);
      row += 1;
    }
  }
  return lines;
}

function toLines(text: string | null): string[] {
  if (text === null || text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}
