// Garbage of a busy time is collected when nothing happens any more.
import { expect, test } from 'vitest';
import { collectWhenIdle } from '../../src/async/collect-when-idle.js';

let onCollected: (what: string) => void = () => undefined;
/** Held here: one that is collected itself tells nothing. */
const registry = new FinalizationRegistry<string>((what) => onCollected(what));

test('an object that nothing holds is collected once the thread is idle', async () => {
  const stop = collectWhenIdle(20);
  try {
    const collected = await new Promise<string>((resolve) => {
      onCollected = resolve;
      registry.register({ of: 'a busy time' }, 'collected');
    });
    expect(collected).toBe('collected');
  } finally {
    stop();
  }
});
