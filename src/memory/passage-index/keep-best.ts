/**
 * The first `most` of many items in an order, without sorting all.
 * @param compare negative when the first one comes first
 */
export function createBest<T>(
  most: number,
  compare: (a: T, b: T) => number,
): { offer(item: T): void; items: readonly T[] } {
  const items: T[] = [];
  return {
    items,
    offer(item) {
      const last = items.at(-1);
      if (items.length >= most && last !== undefined && compare(item, last) >= 0) return;
      let low = 0;
      let high = items.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (compare(items[middle] as T, item) <= 0) low = middle + 1;
        else high = middle;
      }
      items.splice(low, 0, item);
      if (items.length > most) items.pop();
    },
  };
}
