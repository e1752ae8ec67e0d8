import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseDecimals, groupDigits, shortCount, showDollars } from '../../src/cli/output/format-figures.js';
import { wrapText } from '../../src/cli/output/wrap-text.js';

test.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1,000'],
  [1_234_567, '1,234,567'],
])('%d is grouped', (count, text) => expect(groupDigits(count)).toBe(text));

test.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1.0k'],
  [12_345, '12.3k'],
  [99_949, '99.9k'],
  [99_950, '100k'],
  [999_499, '999k'],
  [999_500, '1.0M'],
  [13_900_000, '13.9M'],
  [2_100_000_000, '2.1G'],
  [9_007_199_254_740_991, '9007T'],
])('%d is shortened', (count, text) => expect(shortCount(count)).toBe(text));

test.each([
  ['0', 2, '0.00'],
  ['0.000000000001', 2, '<0.01'],
  ['0.004999999999', 2, '<0.01'],
  ['0.005', 2, '0.01'],
  ['0.255', 4, '0.2550'],
  ['0.00004', 4, '<0.0001'],
  ['12.344999999999', 2, '12.34'],
  ['12.345', 2, '12.35'],
  ['0.99999', 4, '1.0000'],
  ['1234567.005', 2, '1,234,567.01'],
  // More digits than a floating-point number has.
  ['123456789012345678.91', 2, '123,456,789,012,345,678.91'],
] as const)('$%s with %d decimals', (dollars, decimals, text) => expect(showDollars(dollars, decimals)).toBe(text));

test('small amounts have more decimals, unless there are large ones', () => {
  expect(chooseDecimals(['0.02', null, '0.999'])).toBe(4);
  expect(chooseDecimals(['0.02', '1'])).toBe(2);
  expect(chooseDecimals([])).toBe(4);
});

test('wrapped text loses no word, and no line is wider than it may be', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,9}$/)), fc.integer({ min: 9, max: 40 }), (words, width) => {
      const lines = wrapText(words.join(' '), width);
      expect(lines.join(' ')).toBe(words.join(' '));
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    }),
  );
});
