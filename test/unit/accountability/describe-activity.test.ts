import { describe, expect, test } from 'vitest';
import { describeActivity } from '../../../src/accountability/timeline/describe-activity.js';

describe('an activity in words', () => {
  test.each([
    ['task_ended', 'Add JWT authentication', {}, 'Completed: Add JWT authentication'],
    ['decision', 'Use Guardian for JWT', {}, 'Decided: Use Guardian for JWT'],
    ['task_started', 'Add JWT authentication', {}, 'Started: Add JWT authentication'],
    ['stash', 'auth-research', { version: 3 }, 'Stashed: auth-research'],
    ['insight', 'api-patterns', { version: 1 }, 'Added insight: api-patterns'],
    ['insight', 'api-patterns', { version: 2 }, 'Updated insight: api-patterns'],
    ['forget', 'old', { kind: 'stash' }, 'Forgot stash: old'],
    ['restore', 'old', { kind: 17 }, 'Restored memory: old'],
    ['lock_acquired', 'src/**', {}, 'Locked: src/**'],
    ['budget_exceeded', 'today', {}, 'Budget exceeded: today'],
    ['constructor', '', {}, 'Constructor'],
  ])('%s of %s', (type, subject, facts, expected) => {
    expect(describeActivity({ type, subject, facts })).toBe(expected);
  });

  test('is short', () => {
    expect(describeActivity({ type: 'decision', subject: 'x'.repeat(9_000), facts: {} })).toHaveLength(301);
  });
});
