import { setImmediate as nextRound } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  type CallSlots,
  type ConnectionSlots,
  createCallSlots,
  type Slot,
} from '../../../src/mcp/server/call-slots.js';

/** Calls of a connection that end when they are told to. */
function openClient(
  slots: CallSlots,
  order: string[],
  name: string,
  onBacklog: (isFull: boolean) => void = () => undefined,
) {
  const connection = slots.join(onBacklog);
  const open = new Map<string, { slot: Slot; end: () => void }>();
  const call = (id: string, more: Partial<Parameters<ConnectionSlots['run']>[0]> = {}) =>
    connection.run(
      { sentAt: performance.now(), signal: new AbortController().signal, onOverdue: () => undefined, ...more },
      (slot) => {
        order.push(`${name}${id}`);
        return new Promise<string>((resolve) => open.set(id, { slot, end: () => resolve(id) }));
      },
    );
  return { call, open, connection };
}

describe('the slots of a process', () => {
  it('carry out so many calls of a connection at once, and the next when one ends', async () => {
    const order: string[] = [];
    const { call, open } = openClient(createCallSlots({ maxRunning: 8, maxRunningEach: 4 }), order, 'a');
    const calls = Array.from({ length: 200 }, (_, n) => call(String(n)));
    await nextRound();
    expect(order).toHaveLength(4);
    open.get('2')?.end();
    expect(await calls[2]).toBe('2');
    await nextRound();
    expect(order).toEqual(['a0', 'a1', 'a2', 'a3', 'a4']);
  });

  it('go round: whoever comes later waits for one call of a busy client, not for all', async () => {
    const order: string[] = [];
    const slots = createCallSlots({ maxRunning: 2, maxRunningEach: 2 });
    const [a, b, c] = ['a', 'b', 'c'].map((name) => openClient(slots, order, name));
    for (let n = 0; n < 50; n += 1) void a?.call(String(n));
    void b?.call('0');
    void b?.call('1');
    void c?.call('0');
    for (let n = 0; n < 6; n += 1) {
      await nextRound();
      a?.open.get(String(n))?.end();
      b?.open.get(String(n))?.end();
      c?.open.get(String(n))?.end();
    }
    await nextRound();
    expect(order.slice(0, 5)).toEqual(['a0', 'a1', 'a2', 'b0', 'c0']);
  });

  it('a call that waits for a lock takes no slot, and its time does not count', async () => {
    const order: string[] = [];
    const slots = createCallSlots({ maxRunning: 1, maxRunningEach: 1, deadlineMs: 60_000 });
    const { call, open } = openClient(slots, order, 'a');
    const first = call('0');
    await nextRound();
    const resume = open.get('0')?.slot.pause();
    void call('1');
    await nextRound();
    expect(order).toEqual(['a0', 'a1']);
    resume?.();
    open.get('0')?.end();
    expect(await first).toBe('0');
  });

  it('a call that was sent too long ago is refused with a code, and never begun', async () => {
    const order: string[] = [];
    const { call } = openClient(createCallSlots({ deadlineMs: 1_000 }), order, 'a');
    await expect(call('0', { sentAt: performance.now() - 2_000 })).rejects.toMatchObject({
      code: 'timeout',
      retryable: true,
    });
    expect(order).toEqual([]);
  });

  it('one that waits for its turn too long is refused with a code; so is one whose work does not end', async () => {
    const order: string[] = [];
    const slots = createCallSlots({ maxRunningEach: 1, deadlineMs: 20 });
    const { call } = openClient(slots, order, 'a');
    void call('0');
    await expect(call('1')).rejects.toMatchObject({ code: 'timeout' });
    expect(order).toEqual(['a0']);
  });

  it('tell when no more is to be read, and when there is room again', async () => {
    const told: boolean[] = [];
    const { call, open } = openClient(createCallSlots({ maxRunningEach: 1 }), [], 'a', (isFull) => told.push(isFull));
    for (let n = 0; n < 70; n += 1) void call(String(n));
    expect(told).toEqual([true]);
    for (let n = 0; n < 40; n += 1) {
      await nextRound();
      open.get(String(n))?.end();
    }
    await nextRound();
    expect(told).toEqual([true, false]);
  });

  it('a call that is cancelled while it waits leaves the line', async () => {
    const order: string[] = [];
    const { call, open } = openClient(createCallSlots({ maxRunningEach: 1 }), order, 'a');
    void call('0');
    const cancelled = new AbortController();
    const waiting = call('1', { signal: cancelled.signal });
    void call('2');
    cancelled.abort();
    await expect(waiting).rejects.toMatchObject({ message: expect.stringContaining('cancelled') });
    open.get('0')?.end();
    await nextRound();
    expect(order).toEqual(['a0', 'a2']);
  });
});
