/** Sets of code points as sorted, disjoint, non-adjacent pairs: first, last, first, last… */
export type Ranges = readonly number[];

const LAST_POINT = 0x10ffff;

/** Sorts and merges pairs given in any order. */
export function mergeRanges(pairs: readonly (readonly [number, number])[]): number[] {
  const merged: number[] = [];
  let end = -2;
  for (const [first, last] of [...pairs].sort((a, b) => a[0] - b[0])) {
    if (first <= end + 1) {
      end = Math.max(end, last);
      merged[merged.length - 1] = end;
    } else {
      merged.push(first, last);
      end = last;
    }
  }
  return merged;
}

/** The pairs of a set. */
export function* pairsOf(ranges: Ranges): Generator<[number, number]> {
  for (let index = 0; index < ranges.length; index += 2) yield [ranges[index] ?? 0, ranges[index + 1] ?? 0];
}

/** Every code point that is not in the set. */
export function invertRanges(ranges: Ranges): number[] {
  const inverted: number[] = [];
  let next = 0;
  for (const [first, last] of pairsOf(ranges)) {
    if (first > next) inverted.push(next, first - 1);
    next = last + 1;
  }
  if (next <= LAST_POINT) inverted.push(next, LAST_POINT);
  return inverted;
}

/** What is in `ranges` and not in `removed`. */
export function subtractRanges(ranges: Ranges, removed: Ranges): number[] {
  return intersectRanges(ranges, invertRanges(removed));
}

/** What is in both. */
export function intersectRanges(a: Ranges, b: Ranges): number[] {
  const shared: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const lastA = a[i + 1] ?? 0;
    const lastB = b[j + 1] ?? 0;
    const first = Math.max(a[i] ?? 0, b[j] ?? 0);
    const last = Math.min(lastA, lastB);
    if (first <= last) shared.push(first, last);
    if (lastA < lastB) i += 2;
    else j += 2;
  }
  return shared;
}

/** Is the code point in the set? */
export function hasPoint(ranges: Ranges, point: number): boolean {
  let low = 0;
  let high = ranges.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (point < (ranges[2 * middle] ?? 0)) high = middle - 1;
    else if (point > (ranges[2 * middle + 1] ?? 0)) low = middle + 1;
    else return true;
  }
  return false;
}

/** Is there a code point in both? */
export function rangesMeet(a: Ranges, b: Ranges): boolean {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if ((a[i + 1] ?? 0) < (b[j] ?? 0)) i += 2;
    else if ((b[j + 1] ?? 0) < (a[i] ?? 0)) j += 2;
    else return true;
  }
  return false;
}
