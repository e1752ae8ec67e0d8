/** Longest time, in ms, that long work may keep everybody else of this process waiting, however many do such work. */
const SLICE_MS = 10;

let sliceFrom = 0;
let isOpen = false;
const waiting: (() => void)[] = [];

/**
 * For work of many steps: await it before each of them. Within a round of the event loop all who work so have one slice
 * of time together; when it is used up each waits for a round of its own. Costs about a microsecond as long as there is
 * time.
 */
export function yieldToEventLoop(): Promise<void> | undefined {
  const now = performance.now();
  if (!isOpen) {
    isOpen = true;
    sliceFrom = now;
    setImmediate(openNext);
  }
  if (now - sliceFrom < SLICE_MS) return undefined;
  return new Promise((resolve) => waiting.push(resolve));
}

function openNext(): void {
  const next = waiting.shift();
  if (!next) {
    isOpen = false;
    return;
  }
  sliceFrom = performance.now();
  setImmediate(openNext);
  next();
}

/** `list.map`, in turns. */
export async function mapInTurns<T, U>(list: readonly T[], map: (item: T) => U): Promise<U[]> {
  const mapped: U[] = [];
  for (const item of list) {
    await yieldToEventLoop();
    mapped.push(map(item));
  }
  return mapped;
}

/** `list.filter`, in turns. @param most that are wanted */
export async function filterInTurns<T>(
  list: readonly T[],
  test: (item: T) => boolean,
  most = Number.POSITIVE_INFINITY,
): Promise<T[]> {
  const found: T[] = [];
  for (const item of list) {
    await yieldToEventLoop();
    if (test(item)) found.push(item);
    if (found.length >= most) break;
  }
  return found;
}
