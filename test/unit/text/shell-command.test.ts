import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shellCommand } from '../../../src/text/shell-command.js';

const word = fc.string({ unit: fc.constantFrom(...'ab /\\\'"$`%!&|;<>()*?[]{}~#=^-\n\té'), maxLength: 12 });

it('a POSIX shell reads the words as they were', () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      const echoed = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${shellCommand(words, 'posix')}`]);
      expect(echoed.toString().split('\0').slice(0, -1)).toEqual(words);
    }),
    { numRuns: 60 },
  );
});

it.each([
  ['plain', 'plain'],
  ['src/a.ts', 'src/a.ts'],
  ['C:\\Program Files\\nodejs\\node.exe', '"C:\\Program Files\\nodejs\\node.exe"'],
  ['C:\\my folder\\', '"C:\\my folder\\\\"'],
  ['say "no"', '"say \\"no\\""'],
  ['a\\"b', '"a\\\\\\"b"'],
  ['50%\\%PATH%', '"50"^%"\\\\"^%"PATH"^%""'],
  ['', '""'],
])('on Windows %s is %s', (text, expected) => {
  expect(shellCommand([text], 'cmd')).toBe(expected);
});
