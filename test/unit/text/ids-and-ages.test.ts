import { describe, expect, it } from 'vitest';
import { humanAge, humanAgo, humanDuration, humanRemaining } from '../../../src/text/age.js';
import { type IdPrefix, newId } from '../../../src/text/ids.js';

describe('newId', () => {
  it.each<IdPrefix>(['agent_', 'sess_', 'stash_', 'insight_', 'dec_', 'lock_', 'ann_'])(
    'makes %s followed by 16 lower-case letters and digits',
    (prefix) => {
      expect(newId(prefix)).toMatch(new RegExp(`^${prefix}[0-9a-z]{16}$`));
    },
  );

  it('never repeats itself', () => {
    const ids = new Set(Array.from({ length: 100_000 }, () => newId('insight_')));
    expect(ids.size).toBe(100_000);
  });
});

describe('humanAge', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  it.each([
    ['2026-11-22T12:00:09Z', 'just now'],
    ['2026-11-22T12:00:00Z', 'just now'],
    ['2026-11-22T11:59:55.001Z', 'just now'],
    ['2026-11-22T11:59:55Z', '5 seconds'],
    ['2026-11-22T11:59:00.001Z', '59 seconds'],
    ['2026-11-22T11:59:00Z', '1 minute'],
    ['2026-11-22T11:55:00Z', '5 minutes'],
    ['2026-11-22T11:00:00Z', '1 hour'],
    ['2026-11-20T12:00:00Z', '2 days'],
    ['2026-11-10T12:00:00Z', '12 days'],
    ['2026-11-08T12:00:00Z', '2 weeks'],
    ['2026-08-20T12:00:00Z', '3 months'],
    ['2025-11-22T00:00:00Z', '1 year'],
    ['2020-01-01T00:00:00Z', '6 years'],
  ])('%s is %s', (from, age) => {
    expect(humanAge(new Date(from), now)).toBe(age);
  });

  it('never speaks of nothing', () => {
    expect(humanDuration(0)).toBe('less than a second');
    expect(humanDuration(-5)).toBe('less than a second');
    expect(humanDuration(90_000)).toBe('1 minute');
  });
});

describe('humanRemaining', () => {
  it.each([
    [15 * 60_000, '15 minutes'],
    [15 * 60_000 - 1, '15 minutes'],
    [14 * 60_000, '14 minutes'],
    [60_001, '2 minutes'],
    [59_001, '1 minute'],
    [1, '1 second'],
    [0, 'less than a second'],
  ])('%i ms: %s', (ms, text) => {
    expect(humanRemaining(ms)).toBe(text);
  });
});

describe('humanAgo', () => {
  it('is a part of a sentence', () => {
    const now = new Date('2026-01-01T12:00:00Z');
    expect(humanAgo(new Date('2026-01-01T11:48:00Z'), now)).toBe('12 minutes ago');
    expect(humanAgo(now, now)).toBe('just now');
  });
});
