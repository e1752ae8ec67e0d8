import { PassThrough } from 'node:stream';
import { setImmediate as nextRound } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createLineQueue, type LineQueue } from '../../../src/mcp/transport/line-queue.js';

const line = (id: number) => `${JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' })}\n`;

it('delivers and reads nothing while it is held, then all, and knows since when that may have been waiting', async () => {
  const input = new PassThrough();
  const delivered: { id: unknown; sentAt: number }[] = [];
  const queue: LineQueue = createLineQueue(input, {
    onLine(read, sentAt) {
      if ('message' in read && 'id' in read.message) delivered.push({ id: read.message.id, sentAt });
      // As the slots do when too many calls wait.
      if (delivered.length === 2) queue.hold(true);
    },
    onRead: () => undefined,
  });
  queue.start(Buffer.alloc(0));
  input.write([1, 2, 3].map(line).join(''));
  for (let round = 0; round < 5; round += 1) await nextRound();
  expect(delivered.map(({ id }) => id)).toEqual([1, 2]);
  expect(input.isPaused()).toBe(true);
  const heldBefore = performance.now();
  input.write(line(4));
  for (let round = 0; round < 5; round += 1) await nextRound();
  expect(delivered).toHaveLength(2);
  queue.hold(false);
  for (let round = 0; round < 10; round += 1) await nextRound();
  expect(delivered.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
  // The fourth came while nothing was read: it may have been sent as soon as the reading stopped.
  expect(delivered[3]?.sentAt).toBeLessThanOrEqual(heldBefore);
  input.write(line(5));
  for (let round = 0; round < 5; round += 1) await nextRound();
  expect(delivered[4]?.sentAt).toBeGreaterThan(heldBefore);
});
