import { readFileSync } from 'node:fs';
import { AutoTokenizer, env } from '@xenova/transformers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { OVERLAP_PIECES, PASSAGE_PIECES, type TextRange } from '../../../src/embedding/embedding-types.js';
import { findModel } from '../../../src/embedding/model-store.js';
import { createWordReader, type WordReader } from '../../../src/embedding/read-words.js';
import { splitText } from '../../../src/embedding/split-text.js';
import { partsOf } from '../../../src/memory/passages/text-parts.js';

const golden = JSON.parse(readFileSync(new URL('../../fixtures/golden.json', import.meta.url), 'utf8')) as {
  vectors: { text: string; tokens: number }[];
};
let encodeWhole: (text: string) => number[];
let reader: WordReader;

beforeAll(async () => {
  env.allowRemoteModels = false;
  const tokenizer = await AutoTokenizer.from_pretrained(findModel(), { local_files_only: true });
  encodeWhole = (text) => tokenizer.encode(text, { add_special_tokens: false });
  reader = createWordReader(encodeWhole);
});

function split(text: string): TextRange[] {
  const work = splitText(text, reader);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

const ALL = Number.POSITIVE_INFINITY;

/** Pieces of text that meet the tokenizer's rules: code, prose, other scripts, marks, controls, special tokens. */
const fragment = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-zA-Z_]{1,12}$/) },
  { weight: 3, arbitrary: fc.constantFrom(' ', '\n', '\t', '  ', '\u00a0', '\u3000', '\u2003', '\u2028') },
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('.', '()', '!=', '≠', '≮', '\u037e', '\u1fef', '::', '—', '“', '$', '^', '`'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('漢字', '𠀋', 'データ', '가나다', '🔥', '👩🏽‍💻', 'é', 'e\u0301', 'Straße', 'İ', 'ﬁ'),
  },
  { weight: 1, arbitrary: fc.constantFrom('ΟΔΟΣ', 'ΑΣ.Β', 'Σ', "Σ'Α") },
  { weight: 1, arbitrary: fc.constantFrom('\u0000', '\u200b', '\ufeff', '\u000b', '\u0085', '\ufffd', '\u00ad') },
  { weight: 1, arbitrary: fc.constantFrom('[SEP]', '[MASK]', '[sep]', '[[CLS]]', '[UNK') },
);
const anyText = fc.array(fragment, { maxLength: 60 }).map((parts) => parts.join(''));
const longText = fc
  .tuple(anyText, fc.integer({ min: 1, max: 60 }), anyText)
  .map(([head, times, tail]) => head.repeat(times) + tail);

describe('reading word by word', () => {
  it("gives the pieces of the model's own tokenizer", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(reader.encode(text, ALL).pieces).toEqual(encodeWhole(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it('counts the pieces of the reference texts', () => {
    for (const { text, tokens } of golden.vectors) {
      expect(reader.encode(text, PASSAGE_PIECES).pieces.length + 2, text).toBe(tokens);
    }
  });

  it('stops at the limit and says so', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 40 }), (text, limit) => {
        const all = encodeWhole(text);
        expect(reader.encode(text, limit)).toEqual({ pieces: all.slice(0, limit), whole: all.length <= limit });
      }),
    );
  });

  it('gives each word its offsets', () => {
    const text = '  lib/auth.ts\n漢字 déjà  ';
    const words = [...reader.words(text)].map(({ start, end }) => text.slice(start, end));
    expect(words).toEqual(['lib', '/', 'auth', '.', 'ts', '漢', '字', 'déjà']);
  });
});

describe('ranges', () => {
  function check(text: string): void {
    const ranges = split(text);
    const words = [...reader.words(text)];
    expect(ranges[0]?.start).toBe(0);
    expect(ranges.at(-1)?.end).toBe(text.length);
    for (const [i, { start, end }] of ranges.entries()) {
      const part = text.slice(start, end);
      expect(encodeWhole(part).length).toBeLessThanOrEqual(PASSAGE_PIECES);
      expect(splitsPair(text, start) || splitsPair(text, end)).toBe(false);
      const before = ranges[i - 1];
      if (!before) continue;
      expect(start).toBeGreaterThan(before.start);
      expect(end).toBeGreaterThan(before.end);
      // Shared: at least the overlap, and no more than a word beyond it.
      const shared = words.filter((word) => word.start >= start && word.end <= before.end);
      const pieces = shared.reduce((sum, word) => sum + word.pieces.length, 0);
      expect(pieces).toBeGreaterThanOrEqual(OVERLAP_PIECES);
      expect(pieces).toBeLessThan(OVERLAP_PIECES + 100);
    }
    if (reader.encode(text, PASSAGE_PIECES).whole) expect(ranges).toHaveLength(1);
  }

  function splitsPair(text: string, at: number): boolean {
    return at > 0 && /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1));
  }

  it('fit, overlap, cover the text and never cut a character', () => {
    // Σ is lowered by its neighbours: a cut may change it, and the pieces by one.
    fc.assert(
      fc.property(
        longText.filter((text) => !text.includes('Σ')),
        check,
      ),
      { numRuns: 150 },
    );
  });

  it('are as full as whole words allow', () => {
    const text = 'token '.repeat(1_000);
    const sizes = split(text).map(({ start, end }) => encodeWhole(text.slice(start, end)).length);
    expect(sizes.slice(0, -1).every((size) => size === PASSAGE_PIECES)).toBe(true);
    expect(sizes).toHaveLength(Math.ceil((1_000 - OVERLAP_PIECES) / (PASSAGE_PIECES - OVERLAP_PIECES)));
  });

  const kilobytes = 256 * 1024;
  it.each([
    ['letters without a space', 'x'.repeat(kilobytes)],
    ['ideographs', '漢'.repeat(kilobytes / 3)],
    ['kana', 'データベース'.repeat(kilobytes / 18)],
    ['emoji', '🔥'.repeat(kilobytes / 4)],
    ['marks', '='.repeat(kilobytes)],
    ['hidden marks', '≠'.repeat(kilobytes / 3)],
    ['base64', Buffer.alloc(kilobytes * 0.75, 'PopStash\u0001\ufffd~').toString('base64')],
    [
      'random bytes',
      Buffer.from(Array.from({ length: kilobytes / 2 }, (_, i) => (i * 2_654_435_761) >>> 24)).toString('latin1'),
    ],
    ['blanks', ' \n'.repeat(kilobytes / 2)],
    ['source', 'const row = await pool.query(text, [id]); // one row\n'.repeat(kilobytes / 52)],
  ])('of 256 KB of %s end', (_, text) => {
    const ranges = split(text);
    expect(ranges[0]?.start).toBe(0);
    expect(ranges.at(-1)?.end).toBe(text.length);
    for (const { start, end } of [ranges[0], ranges[Math.floor(ranges.length / 2)], ranges.at(-1)] as TextRange[]) {
      expect(encodeWhole(text.slice(start, end)).length).toBeLessThanOrEqual(PASSAGE_PIECES);
    }
  });
});

describe('parts', () => {
  it('have offsets in code points, as PostgreSQL counts', () => {
    fc.assert(
      fc.property(longText, (text) => {
        const points = [...text];
        for (const { start, end, text: part } of partsOf(text, split(text))) {
          expect(points.slice(start, end).join('')).toBe(part);
        }
      }),
      { numRuns: 50 },
    );
  });
});
