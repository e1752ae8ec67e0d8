// The status line: one line that fits, and its place in a user's settings.
import { join } from 'node:path';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { fitBoard } from '../../../src/hooks/ask/fit-board.js';
import { statusLineTargets } from '../../../src/hooks/install/status-line-targets.js';

const LONG = 'Move the checkout to the new payment provider and keep the old one for refunds until summer';

describe('the line', () => {
  test.each([
    [
      { agent: 'Maple', task: 'Fix the login', locks: ['src/auth.ts'], lockCount: 1, others: 2 },
      0.4249,
      'Maple · Fix the login · 1 lock: src/auth.ts · 2 others · $0.42',
    ],
    [{ agent: 'Maple', locks: [], lockCount: 0, others: 0 }, undefined, 'Maple · no task · no locks'],
    [
      { agent: 'Maple', task: 'Fix', locks: ['a.ts', 'b.ts', 'c.ts'], lockCount: 9, others: 1 },
      12,
      'Maple · Fix · 9 locks: a.ts, b.ts, c.ts +6 · 1 other agent · $12.00',
    ],
  ])('%o', (board, cost, line) => {
    expect(fitBoard(board, cost)).toBe(line);
  });

  test.each([
    { agent: 'Maple', task: LONG, locks: ['src/a.ts'], lockCount: 1, others: 3 },
    { agent: 'x'.repeat(60), task: LONG, locks: ['y'.repeat(100)], lockCount: 12_345, others: 999 },
    { agent: 'Maple', task: '支払い'.repeat(30), locks: ['ファイル'.repeat(20)], lockCount: 3, others: 1 },
    { agent: 'Maple', task: '👩‍👩‍👧'.repeat(60), locks: [], lockCount: 0, others: 0 },
    { agent: 'Maple', task: 'Fix', locks: [`src/${'deep/'.repeat(30)}a.ts`, 'b.ts'], lockCount: 2, others: 0 },
  ])('fits into 80 columns: %o', (board) => {
    const line = fitBoard(board, 1_234.5);
    expect(stringWidth(line)).toBeLessThanOrEqual(80);
    expect(line).toContain('$1234.50');
  });
});

describe('its place in the settings', () => {
  const start = { program: ['/home/a b/popstash'], shared: null, flags: [], env: {} };
  const [target] = statusLineTargets('/home/u', start);

  test('is added in place, once, and taken out without a trace', () => {
    const before = '{\n  // mine\n  "model": "x"\n}\n';
    const after = target?.add(before) ?? '';
    expect(target?.path).toBe(join('/home/u', '.claude', 'settings.json'));
    expect(after).toContain(`"command": "'/home/a b/popstash' statusline"`);
    expect(target?.add(after)).toBe(after);
    expect(target?.remove(after)).toBe(before);
    expect(target?.remove(target.add(null))).toBeNull();
  });

  test("another's stays", () => {
    const other = '{ "statusLine": { "type": "command", "command": "my-line" } }';
    expect(() => target?.add(other)).toThrow('it has a status line already');
    expect(target?.remove(other)).toBe(other);
    expect(target?.paste).toContain('statusline');
  });
});
