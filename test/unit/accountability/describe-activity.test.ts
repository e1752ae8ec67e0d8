import { describe, expect, test } from 'vitest';
import { describeActivity } from '../../../src/accountability/timeline/describe-activity.js';

describe('an activity in words', () => {
  test.each([
    ['task_ended', 'It works', { task: 'Add JWT authentication' }, 'Completed: Add JWT authentication'],
    ['task_ended', 'It works', {}, 'Completed: It works'],
    ['decision', 'Use Guardian for JWT', {}, 'Decided: Use Guardian for JWT'],
    ['task_started', 'Add JWT authentication', {}, 'Started: Add JWT authentication'],
    ['stash', 'auth-research', { version: 3 }, 'Stashed: auth-research'],
    ['insight', 'api-patterns', { version: 1 }, 'Added insight: api-patterns'],
    ['insight', 'api-patterns', { version: 2 }, 'Updated insight: api-patterns'],
    ['forget', 'old', { kind: 'stash', reason: 'outdated' }, 'Forgot stash: old (outdated)'],
    ['restore', 'old', { kind: 17 }, 'Restored memory: old'],
    ['lock_acquired', 'src/**', {}, 'Locked: src/**'],
    ['announcement', 'two\nlines', {}, 'Announced: two lines'],
    ['budget_exceeded', 'today', {}, 'budget exceeded: today'],
    ['constructor', 'x', {}, 'constructor: x'],
  ])('%s of %s', (type, subject, metadata, expected) => {
    expect(describeActivity({ type, subject, metadata })).toBe(expected);
  });
});
