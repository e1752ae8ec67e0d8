import { describe, expect, it } from 'vitest';
import { groupByBlock } from '../../src/memory/passages/sweep-passages.js';
import { MERGED_PASSAGES, mergeNudges, type Nudge } from '../../src/queue/merge-nudges.js';
import { decodeVector, encodeVector } from '../../src/queue/vector-codec.js';

const embedding = (passageIds: string[], trace?: string): Nudge => ({
  name: 'embedding',
  payload: { passageIds },
  carrier: trace ? { traceparent: trace } : {},
});
const maintenance = (task: 'expire-stashes' | 'purge-forgotten'): Nudge => ({
  name: 'maintenance',
  payload: { task },
  carrier: {},
});

const expiry = (projectId: string, dueAt: number): Nudge => ({
  name: 'lock-expiry',
  payload: { projectId, lockId: 'lock_1' },
  carrier: {},
  dueAt,
});

describe('mergeNudges', () => {
  it('keeps one look for expired locks of a project and a time', () => {
    const [one, later, other] = [expiry('a', 5_000), expiry('a', 10_000), expiry('b', 5_000)];
    expect(mergeNudges([one, later, expiry('a', 5_000), other])).toEqual([one, later, other]);
  });

  it('puts the passages of one trace together, keeps traces apart and leaves its input alone', () => {
    const input = [embedding(['1']), embedding(['2'], 'a'), embedding(['3', '4']), embedding(['5'], 'a')];
    expect(mergeNudges(input)).toEqual([embedding(['1', '3', '4']), embedding(['2', '5'], 'a')]);
    expect(input[0]).toEqual(embedding(['1']));
  });

  it('starts another job when one is full, and loses none', () => {
    const ids = Array.from({ length: MERGED_PASSAGES * 3 + 1 }, (_, i) => String(i));
    const merged = mergeNudges(ids.map((id) => embedding([id])));
    expect(merged).toHaveLength(4);
    expect(merged.flatMap((nudge) => (nudge.name === 'embedding' ? nudge.payload.passageIds : []))).toEqual(ids);
  });

  it('keeps one of a maintenance task', () => {
    expect(
      mergeNudges([maintenance('expire-stashes'), maintenance('purge-forgotten'), maintenance('expire-stashes')]),
    ).toEqual([maintenance('expire-stashes'), maintenance('purge-forgotten')]);
  });
});

describe('groupByBlock', () => {
  it('cuts the same passages into the same blocks, whatever else is found', () => {
    expect([...groupByBlock(['7', '8', '9', '17'], 8)]).toEqual([
      ['0', ['7']],
      ['1', ['8', '9']],
      ['2', ['17']],
    ]);
    expect(groupByBlock(['9', '15'], 8).get('1')).toEqual(['9', '15']);
  });
});

describe('a vector on its way', () => {
  it('comes back bit by bit, and as null when it is anything else', () => {
    const vector = Float32Array.from({ length: 384 }, (_, i) => Math.sin(i) / 7);
    expect(decodeVector(encodeVector(vector), 384)).toEqual(vector);
    expect(decodeVector(encodeVector(vector.subarray(1)), 384)).toBeNull();
    expect(decodeVector(null, 384)).toBeNull();
    expect(decodeVector({ 0: 1 }, 384)).toBeNull();
  });
});
