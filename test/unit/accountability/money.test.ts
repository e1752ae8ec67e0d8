import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  formatDollars,
  multiply,
  parseDecimal,
  parseDollars,
  toPicoDollars,
} from '../../../src/accountability/money.js';

describe('exact money', () => {
  it('reads what it writes, for any amount', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 30n), 10n ** 30n), (pico) => {
        expect(parseDollars(formatDollars(pico))).toBe(pico);
      }),
    );
  });

  it('writes the shortest decimal', () => {
    expect(
      ['0.0197', '0.019700000000', '12', '-0.5', '0', '1e-7', '1.5e3'].map((text) => formatDollars(parseDollars(text))),
    ).toEqual(['0.0197', '0.0197', '12', '-0.5', '0', '0.0000001', '1500']);
  });

  it('adds what floating point cannot', () => {
    const tenths = Array.from({ length: 10 }, () => parseDecimal('0.1'));
    expect(formatDollars(toPicoDollars(add(...tenths)))).toBe('1');
    expect(formatDollars(toPicoDollars(multiply(parseDecimal('1.1'), parseDecimal('0.275'))))).toBe('0.3025');
  });

  it('rounds halves to even at the twelfth decimal', () => {
    const rounded = ['0.0000000000005', '0.0000000000015', '0.00000000000151', '-0.0000000000015'].map(parseDollars);
    expect(rounded).toEqual([0n, 2n, 2n, -2n]);
  });

  it('refuses what is no number', () => {
    for (const text of ['', '1,5', '.5', '5.', 'NaN', 'Infinity', '1e99', '0x10', ' 1']) {
      expect(() => parseDecimal(text)).toThrow(RangeError);
    }
  });
});
