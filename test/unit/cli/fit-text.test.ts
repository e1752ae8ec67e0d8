import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { describeCheck } from '../../../src/cli/output/describe-check.js';
import { alignColumns } from '../../../src/cli/output/write-columns.js';
import { fitForTerminal } from '../../../src/cli/terminal/fit-for-terminal.js';
import { fitText } from '../../../src/cli/terminal/fit-text.js';
import { createPainter, writeStyles } from '../../../src/cli/terminal/paint.js';
import { chooseWidth } from '../../../src/cli/terminal/terminal-width.js';

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => stringWidth(line)));

describe('fitText', () => {
  test('leaves what fits, and all of it without a terminal', () => {
    const text = 'a  b\n\n  c   ';
    expect(fitText(text, 20)).toBe(text);
    expect(fitText('x'.repeat(500), Number.POSITIVE_INFINITY)).toBe('x'.repeat(500));
  });

  test('a sentence goes on a little to the right of its beginning', () => {
    expect(fitText('one two three four', 10)).toBe('one two\n  three\n  four');
  });

  test('a value goes on below its column, when that begins in the left half', () => {
    expect(fitText('project   /home/u and more of it', 26)).toBe('project   /home/u and more\n          of it');
    expect(fitText('a very long label  value value', 24)).toBe('a very long label  value\n  value');
  });

  test('a word that is longer than a line is cut, and no character is', () => {
    expect(fitText('at /a/very/long/path/indeed now', 10).split('\n')).toEqual([
      'at',
      '  /a/very/',
      '  long/pat',
      '  h/indeed',
      '  now',
    ]);
    const wide = fitText(`编程助手👩‍💻`.repeat(9), 21);
    expect(widest(wide)).toBeLessThanOrEqual(21);
    expect(wide.replaceAll(/\n +/g, '')).toBe('编程助手👩‍💻'.repeat(9));
  });

  test('styles take no room, and stay', () => {
    const painter = createPainter(true);
    const text = writeStyles(`${painter.strong('one two')} three ${painter.bad('four five')}`);
    const fitted = fitText(text, 10);
    expect(widest(fitted)).toBeLessThanOrEqual(10);
    expect(stripVTControlCharacters(fitted)).toBe('one two\n  three\n  four\n  five');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the styles of paint.ts.
    expect(fitted.match(/\u001b/g)).toHaveLength(4);
  });
});

describe('columns on a narrow terminal', () => {
  const rows = [
    ['src/auth/session.ts', 'Maple (claude-code, branch login)', '"Refactor the session"', 'held 5 minutes'],
    ['lib/**', 'Otter', '', 'held just now'],
  ];

  test('cells that would be cut to nothing stand below the first one', () => {
    const lines = alignColumns(rows, 38);
    expect(widest(lines.join('\n'))).toBeLessThanOrEqual(38);
    expect(lines).toEqual([
      'src/auth/session.ts',
      '  Maple (claude-code, branch login)',
      '  "Refactor the session"',
      '  held 5 minutes',
      'lib/**',
      '  Otter · held just now',
    ]);
  });

  test('a cell that would say nothing is not cut on a wider terminal either', () => {
    const many = rows.map((row) => [...row, '14 minutes left', 'shared', 'tmux %3']);
    expect(alignColumns(many, 80)[1]).toBe(
      '  Maple (claude-code, branch login) · "Refactor the session" · held 5 minutes',
    );
    expect(alignColumns(many, 200)[0]).toMatch(/^src.*tmux %3$/);
  });

  test('a column of ids is never cut, and a table keeps one line a row', () => {
    const ids = rows.map((row) => ['decision_0123456789abcdef', ...row, ...row]);
    for (const width of [40, 80, 120]) {
      expect(
        alignColumns(ids, width, { whole: 0 }).filter((line) => line.startsWith('decision_0123456789abcdef')),
      ).toHaveLength(2);
    }
    expect(alignColumns(ids, 40, { isTable: true })).toHaveLength(2);
  });

  test.each([20, 40, 59, 60, 80, 120, 200])('no line is longer than %i columns', (width) => {
    const many = rows.map((row) => [...row, ...row, ...row]);
    expect(widest(alignColumns(many, width).join('\n'))).toBeLessThanOrEqual(width);
  });
});

describe('a check of doctor', () => {
  const check = {
    name: 'commit deny',
    state: 'broken',
    detail: 'the command in .git/hooks/pre-commit let a held file pass: it ended with code 0 and said nothing',
    fix: 'Write it again (popstash init); the log is server.log in the data folder.',
  } as const;

  test.each([40, 60, 80, 200])('fits %i columns, in colour too', (width) => {
    for (const isColoured of [false, true]) {
      const text = fitForTerminal(describeCheck(check, width, createPainter(isColoured)), width);
      expect(widest(text)).toBeLessThanOrEqual(width);
      const plain = stripVTControlCharacters(text).replaceAll(/\s+/g, ' ');
      expect(plain).toBe(`BROKEN commit deny ${check.detail} → ${check.fix}`);
    }
  });

  test('in a pipe it has one line, and one for what to do', () => {
    const text = describeCheck(check, Number.POSITIVE_INFINITY, createPainter(false));
    expect(text.split('\n')).toEqual([`BROKEN   commit deny   ${check.detail}`, `${' '.repeat(23)}→ ${check.fix}`]);
  });
});

test('the width is what the terminal says, else COLUMNS, else 80; a pipe has none', () => {
  expect(chooseWidth({ isTTY: true, columns: 132 }, { COLUMNS: '40' })).toBe(132);
  expect(chooseWidth({ isTTY: true, columns: 0 }, { COLUMNS: '40' })).toBe(40);
  expect(chooseWidth({ isTTY: true }, { COLUMNS: 'wide' })).toBe(80);
  expect(chooseWidth({ isTTY: true, columns: 3 }, {})).toBe(20);
  expect(chooseWidth({}, { COLUMNS: '40' })).toBe(Number.POSITIVE_INFINITY);
});
