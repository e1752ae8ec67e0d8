/** Runs work, at most so many pieces of it at the same time; the others wait in their order. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

export function createLimit(maxRunning: number): Limit {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async (work) => {
    if (running >= maxRunning) await new Promise<void>((start) => waiting.push(start));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
