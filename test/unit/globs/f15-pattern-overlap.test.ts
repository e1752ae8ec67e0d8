// Trial F15: overlap and cover of generated patterns against brute force: every path of a space matched by another way.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { patternCovers, patternMatches, patternsOverlap } from '../../../src/globs/compare-patterns.js';
import { GlobError } from '../../../src/globs/glob-error.js';
import { normalizePattern } from '../../../src/globs/normalize-pattern.js';
import type { Pattern } from '../../../src/globs/pattern-types.js';
import { globToRegExp } from '../../support/locks/expand-glob.js';
import { findSharedPath } from '../../support/locks/find-shared-path.js';
import { isCandidate } from '../../support/locks/is-candidate.js';
import { trialCount } from '../../support/setup/trial.js';

const PAIRS = trialCount(12_000, 1_000_000);
/** Patterns of one run; each two of them are a pair. */
const TOGETHER = 48;
const PAIRS_OF_RUN = (TOGETHER * (TOGETHER - 1)) / 2;

const CLASSES = ['[ab]', '[!a]', '[^.b]', '[a-c]', '[!-b]'];
/** Made of letters that patterns name, others that they don't, and classes' texts, which classes match too. */
const PATHS = [
  ...new Set([
    ...listPaths([...'abc/'], 6),
    ...listPaths([...'ab./'], 6),
    ...listPaths(['a', 'd', '/', '.', ...CLASSES], 4),
  ]),
];
const CLOSED_PATHS = PATHS.map((path) => `${path}/`);
const ALPHABET = [...'abcd.[]!^-/'];

/** Every path of up to so many words: no empty, '.' or '..' segment. */
function listPaths(words: readonly string[], most: number): string[] {
  const paths: string[] = [];
  const grow = (text: string, count: number) => {
    if (text !== '' && text.split('/').every((segment) => !['', '.', '..'].includes(segment))) paths.push(text);
    if (count < most) for (const word of words) grow(text + word, count + 1);
  };
  grow('', 0);
  return paths;
}

const { glob } = fc.letrec<{ glob: string; part: string; branch: string }>((tie) => ({
  glob: fc.array(tie('part'), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('')),
  branch: fc.array(tie('part'), { maxLength: 2 }).map((parts) => parts.join('')),
  part: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'ab', '.') },
    { weight: 3, arbitrary: fc.constantFrom('/', '/', '/**', '**/') },
    { weight: 4, arbitrary: fc.constantFrom('*', '?', '**', '*') },
    { weight: 2, arbitrary: fc.constantFrom(...CLASSES) },
    { weight: 2, arbitrary: fc.array(tie('branch'), { minLength: 2, maxLength: 3 }).map((all) => `{${all.join()}}`) },
  ),
}));

interface Candidate extends Pattern {
  /** One bit for each path: does it match, by the other way? */
  matched: Uint32Array;
  meaning: RegExp;
}

function createCandidate(text: string): Candidate | null {
  let pattern: Pattern;
  try {
    pattern = normalizePattern(text, { worktree: '/work', foldsCase: false, exists: () => null });
  } catch (error) {
    // Braces that leave a segment empty, or lead out of the project.
    if (error instanceof GlobError) return null;
    throw error;
  }
  const meaning = globToRegExp(pattern.pattern);
  const matched = new Uint32Array(Math.ceil(PATHS.length / 32));
  for (const [index, path] of CLOSED_PATHS.entries()) {
    if (meaning.test(path)) matched[index >> 5]! |= 1 << (index & 31);
  }
  return { ...pattern, matched, meaning };
}

function findIndex(words: Uint32Array, combine: (word: number, at: number) => number): number {
  for (let at = 0; at < words.length; at += 1) {
    const word = combine(words[at]!, at);
    if (word !== 0) return at * 32 + 31 - Math.clz32(word);
  }
  return -1;
}

const counts = { pairs: 0, overlapping: 0, beyondSpace: 0, covered: 0, uncoveredBeyond: 0, refused: 0 };

function checkOverlap(a: Candidate, b: Candidate): void {
  const overlaps = patternsOverlap(a, b);
  const index = findIndex(a.matched, (word, at) => word & b.matched[at]!);
  // A path that both match, and that is longer than those listed, must be shown.
  const witness = index >= 0 ? PATHS[index]! : overlaps ? findSharedPath(a, b, ALPHABET) : null;
  const isShared = witness !== null && a.meaning.test(`${witness}/`) && b.meaning.test(`${witness}/`);
  if (overlaps !== isShared || patternsOverlap(b, a) !== overlaps) {
    throw new Error(`${a.key} and ${b.key}: overlap ${overlaps}, by brute force ${isShared} (${witness})`);
  }
  if (overlaps && !(isCandidate(a, b) && isCandidate(b, a))) {
    throw new Error(`${a.key} and ${b.key}: the index would not find one for the other`);
  }
  counts.pairs += 1;
  if (overlaps) counts.overlapping += 1;
  if (overlaps && index < 0) counts.beyondSpace += 1;
}

function checkCover(outer: Candidate, inner: Candidate): void {
  const covers = patternCovers(outer, inner);
  const index = findIndex(inner.matched, (word, at) => word & ~outer.matched[at]!);
  // "Not covered" may rest on a path that is longer than those listed.
  if (!covers && index < 0) counts.uncoveredBeyond += 1;
  if (covers && index >= 0) {
    throw new Error(`${outer.key} covers ${inner.key}: ${covers}, but ${PATHS[index]} is not`);
  }
  if (covers) counts.covered += 1;
}

it(`agrees with brute force on ${PAIRS} pairs`, () => {
  fc.assert(
    fc.property(fc.array(glob, { minLength: TOGETHER, maxLength: TOGETHER }), (texts) => {
      if (counts.pairs >= PAIRS) return;
      const all = texts.map(createCandidate);
      const candidates = all.filter((candidate) => candidate !== null);
      counts.refused += all.length - candidates.length;
      for (const [index, a] of candidates.entries()) {
        for (let at = index % 7; at < PATHS.length; at += 997) {
          const expected = a.meaning.test(CLOSED_PATHS[at]!);
          if (patternMatches(a, PATHS[at]!) !== expected)
            throw new Error(`${a.key} matches ${PATHS[at]}: not ${expected}`);
        }
        for (const b of candidates.slice(index)) {
          checkOverlap(a, b);
          checkCover(a, b);
          checkCover(b, a);
        }
      }
    }),
    // Refused patterns leave fewer pairs; runs beyond the wanted number do nothing.
    { numRuns: Math.ceil((PAIRS / PAIRS_OF_RUN) * 2.5) },
  );
  expect(counts.pairs).toBeGreaterThanOrEqual(PAIRS);
  expect(counts.overlapping).toBeGreaterThan(counts.pairs / 20);
  expect(counts.covered).toBeGreaterThan(counts.pairs / 20);
  expect(counts.uncoveredBeyond).toBeLessThan(counts.pairs / 20);
});
