// A glob is parsed once, when it comes in; other processes parse its stored key. Both must compare the same.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileGlob, compileNodes } from '../../../src/globs/compile-pattern.js';
import { GlobError } from '../../../src/globs/glob-error.js';
import { normalizePattern } from '../../../src/globs/normalize-pattern.js';
import { parseGlob } from '../../../src/globs/parse-glob.js';
import { trialCount } from '../../support/setup/trial.js';

const part = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'B', 'é', 'É', 'ß', 'Σ', 'e\u0301', '😀', '.', '-', ' ') },
  { weight: 3, arbitrary: fc.constantFrom('/', '/**/', '*', '**', '***', '?') },
  { weight: 3, arbitrary: fc.constantFrom(...'[]{}(),!@+|^\\') },
  { weight: 2, arbitrary: fc.constantFrom('[A-C]', '[!É]', '[userId]', '[[:upper:]]', '[]a]', '[ſ]', '[\\]]', '[,}]') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('{a,B}', '{A..C}', '{1..3}', '{x,{Y,z}/w}', '{,a}', '{a}', '{É*,[ß]}', '{a\\,B,c\\}}'),
  },
);
const text = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));

it.each([false, true])('a key means what was written, case folded: %s', (foldsCase) => {
  let compared = 0;
  fc.assert(
    fc.property(text, (written) => {
      try {
        const { key, isGlob, literalPrefix } = normalizePattern(written, {
          worktree: '/work',
          foldsCase,
          exists: () => null,
        });
        if (!isGlob) return;
        const first = compileGlob(key);
        const again = compileNodes(key, parseGlob(key));
        expect(again).toEqual(first);
        expect(again.literalPrefix).toBe(literalPrefix);
        compared += 1;
      } catch (error) {
        if (!(error instanceof GlobError)) throw error;
      }
    }),
    { numRuns: trialCount(4_000, 200_000) },
  );
  expect(compared).toBeGreaterThan(500);
});
