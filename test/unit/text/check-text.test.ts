import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { checkText, type TextLimits } from '../../../src/text/check-text.js';

const LIMITS: TextLimits = { maxBytes: 256 * 1024 };

function failureOf(value: string, limits: TextLimits = LIMITS): AppError {
  try {
    checkText('content', value, limits);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('The text was accepted.');
}

describe('checkText', () => {
  it.each([
    ['NUL', 'a\0b', 'invalid_argument', 'content contains a NUL character at offset 1.'],
    ['a lone high surrogate', 'ab\ud83d', 'invalid_argument', 'offset 2'],
    ['a lone low surrogate', '\ude00ab', 'invalid_argument', 'offset 0'],
    ['swapped surrogates', '\ude00\ud83d', 'invalid_argument', 'offset 0'],
    ['an empty text', '', 'invalid_argument', 'content is empty.'],
    ['a blank text', ' \n\t\u3000', 'invalid_argument', 'content is blank.'],
    ['10 MB', 'x'.repeat(10 * 1024 * 1024), 'too_large', '256 KB'],
    ['one byte too many', `${'é'.repeat(128 * 1024)}x`, 'too_large', '256 KB'],
  ])('refuses %s, naming the argument and the fix', (_, value, code, message) => {
    const error = failureOf(value);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(error.fix).toContain('content');
    expect(error.retryable).toBe(false);
  });

  it('refuses a line break where one line is asked for', () => {
    for (const breaking of ['a\nb', 'a\rb', 'a\u2028b', 'a\u0085b']) {
      expect(failureOf(breaking, { ...LIMITS, singleLine: true }).message).toContain('line break');
    }
    checkText('content', 'a\nb', LIMITS);
  });

  it('counts characters as code points', () => {
    checkText('name', '😀'.repeat(10), { ...LIMITS, maxChars: 10 });
    expect(failureOf('😀'.repeat(11), { ...LIMITS, maxChars: 10 }).message).toContain('has 11 characters');
  });

  it('accepts exactly 256 KB, and an empty text where that is allowed', () => {
    checkText('content', 'é'.repeat(128 * 1024), LIMITS);
    checkText('content', '', { ...LIMITS, allowEmpty: true });
  });

  it('accepts every other valid text, which survives UTF-8 unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        fc.pre(!value.includes('\0') && value.trim() !== '');
        checkText('content', value, LIMITS);
        expect(Buffer.from(value, 'utf8').toString('utf8')).toBe(value);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses whatever UTF-8 would change', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 1 }), (units) => {
        const value = String.fromCharCode(...units);
        fc.pre(Buffer.from(value, 'utf8').toString('utf8') !== value);
        expect(failureOf(value).code).toBe('invalid_argument');
      }),
      { numRuns: 500 },
    );
  });
});
