import { describe, expect, it } from 'vitest';
import { decodeVector, encodeVector } from '../../src/embedding/vector-codec.js';
import { embedding, MAX_MERGED_PASSAGES } from '../../src/jobs/embedding.js';
import { lockExpiry } from '../../src/jobs/lock-expiry.js';
import { groupByBlock } from '../../src/memory/passages/sweep-passages.js';
import { mergeJobs, type PendingJob } from '../../src/queue/merge-jobs.js';
import { createThrottle } from '../../src/queue/throttle-jobs.js';

const embed = (passageIds: string[], trace?: string): PendingJob => ({
  job: embedding,
  payload: { passageIds },
  carrier: trace ? { traceparent: trace } : {},
});
const expire = (projectId: string, dueAt: number): PendingJob => ({
  job: lockExpiry,
  payload: { projectId, lockId: 'lock_1' },
  carrier: {},
  dueAt,
});

describe('mergeJobs', () => {
  it('keeps one throttled job of a key and a time', () => {
    const [one, later, other] = [expire('a', 5_000), expire('a', 10_000), expire('b', 5_000)];
    expect(mergeJobs([one, later, expire('a', 5_000), other])).toEqual([one, later, other]);
  });

  it('puts the passages of one trace together, keeps traces apart and leaves its input alone', () => {
    const input = [embed(['1']), embed(['2'], 'a'), embed(['3', '4']), embed(['5'], 'a')];
    expect(mergeJobs(input)).toEqual([embed(['1', '3', '4']), embed(['2', '5'], 'a')]);
    expect(input[0]).toEqual(embed(['1']));
  });

  it('starts another job when one is full, and loses none', () => {
    const ids = Array.from({ length: MAX_MERGED_PASSAGES * 3 + 1 }, (_, i) => String(i));
    const merged = mergeJobs(ids.map((id) => embed([id])));
    expect(merged).toHaveLength(4);
    expect(merged.flatMap(({ payload }) => (payload as { passageIds: string[] }).passageIds)).toEqual(ids);
  });

  it('leaves jobs of different definitions apart', () => {
    const both = [embed(['1']), expire('a', 5_000), embed(['2'])];
    expect(mergeJobs(both)).toEqual([embed(['1', '2']), expire('a', 5_000)]);
  });
});

describe('a throttle', () => {
  const project = (projectId: string) => ({ projectId, lockId: 'lock_1' });

  it('admits one job of a key for each period, at the end of the period in which it is due', () => {
    const throttle = createThrottle();
    const before = Date.now();
    const first = throttle.admit(lockExpiry, project('a'), 60_000);
    const due = first?.dueAt ?? 0;
    expect(due % 5_000).toBe(0);
    expect(due).toBeGreaterThan(before + 60_000);
    expect(due).toBeLessThanOrEqual(Date.now() + 60_000 + 5_000);
    const remaining = () => due - 1_000 - Date.now();
    expect(throttle.admit(lockExpiry, project('a'), remaining())).toBeNull();
    expect(throttle.admit(lockExpiry, project('b'), remaining())).toEqual({ dueAt: due });
    throttle.reset();
    expect(throttle.admit(lockExpiry, project('a'), remaining())).toEqual({ dueAt: due });
  });

  it('lets every job pass whose definition has none', () => {
    const throttle = createThrottle();
    expect(throttle.admit(embedding, { passageIds: ['1'] }, undefined)).toEqual({});
    expect(throttle.admit(embedding, { passageIds: ['1'] }, undefined)).toEqual({});
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
