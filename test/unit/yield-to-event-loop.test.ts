import { expect, test } from 'vitest';
import { filterWithYields, mapWithYields, yieldToEventLoop } from '../../src/async/yield-to-event-loop.js';

const burn = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

const round = () => new Promise(setImmediate);

/** Works until told to stop, or for so long that something is wrong; counts its steps. */
async function work(state: { isOver: boolean; steps: number }): Promise<void> {
  while (!state.isOver && state.steps < 40) {
    await yieldToEventLoop();
    burn(4);
    state.steps += 1;
  }
}

test('long computations share the event loop with other work, and with each other', async () => {
  const workers = Array.from({ length: 20 }, () => ({ isOver: false, steps: 0 }));
  let rounds = 0;
  const done = Promise.all(workers.map(work));
  // In each round of the event loop other work runs: without yielding there would be no round before the end.
  while (rounds < 40) {
    await round();
    rounds += 1;
  }
  const steps = workers.reduce((sum, worker) => sum + worker.steps, 0);
  for (const worker of workers) worker.isOver = true;
  await done;
  // A round has one slice of time, not one for each: all 20 together would be 80 steps.
  expect(steps).toBeLessThan(10 * rounds);
  expect(workers.every((worker) => worker.steps > 0)).toBe(true);
});

test('short work is not interrupted', async () => {
  // What others have left of their slice is over then.
  await round();
  await round();
  expect(yieldToEventLoop()).toBeUndefined();
});

test('lists keep their order, and are read no further than is wanted', async () => {
  const seen: number[] = [];
  const isOdd = (value: number) => {
    seen.push(value);
    burn(3);
    return value % 2 === 1;
  };
  expect(await mapWithYields([3, 1, 2], (value) => value * 2)).toEqual([6, 2, 4]);
  expect(await filterWithYields([4, 3, 2, 1, 5, 6], isOdd, 2)).toEqual([3, 1]);
  expect(seen).toEqual([4, 3, 2, 1]);
});
