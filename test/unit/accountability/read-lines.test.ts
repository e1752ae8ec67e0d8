import { appendFileSync, mkdtempSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LineLimits, type LineState, readLines } from '../../../src/accountability/transcripts/read-lines.js';
import type { LineFormat } from '../../../src/accountability/transcripts/source-types.js';
import { NO_TOKENS, type UsageRecord } from '../../../src/accountability/usage.js';

/** A format whose rows are `{"usage": n}`; its reader counts the rows that it saw. */
const format: LineFormat = {
  markers: ['"usage"', '"also"'],
  open(saved) {
    if (typeof saved === 'string') throw new Error('of another form');
    let rows = saved === null ? 0 : Number(saved);
    return {
      readRow(row) {
        const { usage, also } = row as { usage?: unknown; also?: unknown };
        const value = usage ?? also;
        if (typeof value !== 'number') throw new Error('no number');
        rows += 1;
        return [{ tokens: { ...NO_TOKENS, input: value }, revision: rows } as UsageRecord];
      },
      save: () => rows,
    };
  },
};

const row = (usage: unknown) => `${JSON.stringify({ text: 'é — "usage\\"', usage })}\n`;
const other = (length: number) => `${JSON.stringify({ text: 'x'.repeat(length), nested: '{"usage":1}' })}\n`;

function newFile(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'popstash-lines-')), 'file.jsonl');
  writeFileSync(path, text);
  return path;
}

/** Reads to the end; the state goes through JSON between steps, as it does through a database. */
async function readToEnd(path: string, saved: LineState | null = null, limits: LineLimits = {}) {
  const inputs: number[] = [];
  const revisions: number[] = [];
  let state = saved;
  let [badRows, longLines, isRestarted] = [0, 0, false];
  for (let isAtEnd = false; !isAtEnd; ) {
    const step = await readLines({ path }, format, state && (JSON.parse(JSON.stringify(state)) as LineState), limits);
    ({ state, isAtEnd } = step);
    inputs.push(...step.records.map(({ tokens }) => tokens.input));
    revisions.push(...step.records.map(({ revision }) => revision));
    badRows += step.badRows;
    longLines += step.longLines;
    isRestarted ||= step.isRestarted;
  }
  return { inputs, revisions, state, badRows, longLines, isRestarted };
}

describe('reading a file that grows', () => {
  it('reads every whole line once, in steps of any size, whatever stands between', async () => {
    const line = fc.oneof(
      fc.nat(1000).map((usage) => ({ text: row(usage), usage: [usage] })),
      fc.nat(300).map((length) => ({ text: other(length), usage: [] as number[] })),
      fc.constant({ text: '\n', usage: [] as number[] }),
      fc.nat(9).map((also) => ({ text: `{"also":${also}}\r\n`, usage: [also] })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 40 }),
        fc.integer({ min: 1, max: 500 }),
        fc.nat(),
        async (lines, stepBytes, cut) => {
          const text = Buffer.from(lines.map((one) => one.text).join(''));
          const expected = lines.flatMap((one) => one.usage);
          const at = text.length === 0 ? 0 : cut % text.length;
          const path = newFile('');
          writeFileSync(path, text.subarray(0, at));
          const first = await readToEnd(path, null, { stepBytes });
          appendFileSync(path, text.subarray(at));
          const second = await readToEnd(path, first.state, { stepBytes });
          expect([...first.inputs, ...second.inputs]).toEqual(expected);
          expect([...first.revisions, ...second.revisions]).toEqual(expected.map((_, index) => index + 1));
          expect([first.badRows, second.badRows, second.isRestarted]).toEqual([0, 0, false]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('lets a torn last line wait for its end', async () => {
    const path = newFile(row(1) + row(2).slice(0, -4));
    const first = await readToEnd(path);
    expect(first.inputs).toEqual([1]);
    expect((await readToEnd(path, first.state)).inputs).toEqual([]);
    appendFileSync(path, row(2).slice(-4));
    expect((await readToEnd(path, first.state)).inputs).toEqual([2]);
  });

  it('counts a row that cannot be read, and goes on', async () => {
    const { inputs, badRows } = await readToEnd(newFile(`${row(1)}{"usage": 2\n${row(null)}${row(3)}`));
    expect([inputs, badRows]).toEqual([[1, 3], 2]);
  });

  it('passes over a line that is too long, and counts it, however it is cut into steps', async () => {
    const long = `{"usage":9,"text":"${'x'.repeat(5000)}"}\n`;
    for (const stepBytes of [64, 1000, 4096, 1_000_000]) {
      const reading = await readToEnd(newFile(row(1) + long + row(2)), null, { stepBytes, maxLineBytes: 2000 });
      // A step that holds the line anyway reads it.
      expect(reading.inputs.filter((input) => input !== 9)).toEqual([1, 2]);
      expect(reading.longLines).toBe(reading.inputs.includes(9) ? 0 : 1);
    }
  });

  it('waits with a long line that has no end yet', async () => {
    const path = newFile(`${row(1)}${'x'.repeat(9000)}`);
    const first = await readToEnd(path, null, { stepBytes: 100, maxLineBytes: 1000 });
    expect([first.inputs, first.longLines]).toEqual([[1], 0]);
    appendFileSync(path, `\n${row(2)}`);
    const second = await readToEnd(path, first.state, { stepBytes: 100, maxLineBytes: 1000 });
    expect([second.inputs, second.longLines]).toEqual([[2], 1]);
  });

  it.each([
    ['cut', (path: string) => truncateSync(path, row(1).length)],
    ['cut and grown again', (path: string) => writeFileSync(path, row(1) + row(7) + row(8) + row(9))],
    [
      'replaced by another file',
      (path: string) => {
        writeFileSync(`${path}.new`, row(5) + row(6) + row(7));
        renameSync(`${path}.new`, path);
      },
    ],
    ['emptied', (path: string) => writeFileSync(path, '')],
  ])('reads a file that was %s from its start', async (_, change) => {
    const path = newFile(row(1) + row(2));
    const first = await readToEnd(path);
    change(path);
    const second = await readToEnd(path, first.state);
    const whole = await readToEnd(path);
    expect(second.isRestarted).toBe(true);
    expect([second.inputs, second.revisions]).toEqual([whole.inputs, whole.revisions]);
  });

  it('begins again where an older version of a reader left off', async () => {
    const path = newFile(row(1) + row(2));
    const first = await readToEnd(path);
    const old = { ...(first.state as LineState), reader: 'something else' };
    expect(await readToEnd(path, old)).toMatchObject({ inputs: [1, 2], isRestarted: true });
  });

  it('does not mistake growth or a new name for another file', async () => {
    const path = newFile(row(1));
    const first = await readToEnd(path);
    const moved = `${path}.moved`;
    renameSync(path, moved);
    appendFileSync(moved, row(2));
    const second = await readToEnd(moved, first.state);
    expect([second.inputs, second.isRestarted]).toEqual([[2], false]);
  });
});
