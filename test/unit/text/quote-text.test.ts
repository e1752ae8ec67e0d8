import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameFiles } from '../../../src/text/name-files.js';
import {
  clipSentence,
  introduceOthers,
  OTHERS_WORDS,
  quoteName,
  quotePath,
  quoteText,
} from '../../../src/text/quote-text.js';
import { showControls, showInLine } from '../../../src/text/show-controls.js';
import { findFault, hostileText } from '../../support/inputs/hostile-text.js';

test('plain paths stand as they are, others in quotes', () => {
  for (const path of [
    'src/a.ts',
    'db/**',
    'app/[id]/page.tsx',
    '.github/x.yml',
    '/w/a-b_c.ts',
    '@scope/x',
    'C:\\w\\a.ts',
  ])
    expect(quotePath(path)).toBe(path);
  expect(quotePath('my file.ts')).toBe('"my file.ts"');
  expect(quotePath('a,b')).toBe('"a,b"');
  expect(quotePath('a\n"b".ts')).toBe('"a\\n\'b\'.ts"');
  expect(quotePath('\u202ea')).toBe('"\\u202ea"');
  expect(quotePath(`${'d/'.repeat(200)}end.ts`, 20)).toMatch(/^….{12}\/end\.ts$/);
});

test('whatever is quoted stays within its quotation', () => {
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 4, max: 200 }), (text, length) => {
      for (const quoted of [quoteText(text, length), quoteName(text, length), quotePath(text, length)])
        expect(findFault(`a ${quoted} b`, { maxChars: 6 * length + 20, lines: 1 })).toBeNull();
      expect(findFault(nameFiles([text, text, text]), { maxChars: 4_000, lines: 1 })).toBeNull();
    }),
  );
});

test('a sentence that is cut leaves no quotation open', () => {
  expect(clipSentence('say "hello there" now', 12)).toBe('say "hello t…"');
  expect(clipSentence('say "hello" now', 12)).toBe('say "hello" …');
  expect(clipSentence('say "x"', 12)).toBe('say "x"');
  expect(introduceOthers('say "x"')).toBe(`say "x"\n${OTHERS_WORDS}`);
  expect(introduceOthers('say x')).toBe('say x');
});

describe('control characters are shown', () => {
  test('as in JSON', () => {
    expect(showControls('a\u001b[31m\u009b\u202e\u007f\n\tb\r\nc\rd')).toBe(
      'a\\u001b[31m\\u009b\\u202e\\u007f\n\tb\nc\\u000dd',
    );
    expect(showInLine('a\n\tb\r')).toBe('a\\n\\tb\\r');
    expect(showControls('Grüße 👩‍👩‍👧 می‌خواهم')).toBe('Grüße 👩‍👩‍👧 می‌خواهم');
  });

  test('and JSON keeps its value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), hostileText, (value, text) => {
        const json = JSON.stringify({ value, text });
        expect(JSON.parse(showControls(json))).toEqual(JSON.parse(json));
      }),
    );
  });
});
