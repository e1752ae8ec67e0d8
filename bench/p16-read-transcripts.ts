// P16: reading 100 MB of transcripts (Claude Code's and Codex's, half each) for their usage, beside reading and
// JSON-parsing the same lines and nothing else, in turn. No database takes part.
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readUsageFile } from '../src/accountability/transcripts/read-usage-file.js';
import { interleave, median, report } from './support/report.mjs';
import { writeTranscripts } from './support/write-transcripts.js';

const FILES = 50;
const FILE_BYTES = 2_000_000;
const ROUNDS = 5;

const home = mkdtempSync(join(tmpdir(), 'popstash-p16-'));
const transcripts = writeTranscripts(home, FILES, FILE_BYTES);

/** What reading and parsing alone costs. */
async function readBare(): Promise<number> {
  let rows = 0;
  for (const { path } of transcripts) {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      JSON.parse(line);
      rows += 1;
    }
  }
  return rows;
}

async function readUsage(): Promise<number> {
  let records = 0;
  for (const { source, path } of transcripts) {
    let state: unknown = null;
    for (let isAtEnd = false; !isAtEnd; ) {
      const step = await readUsageFile(source, { client: source.client, path, format: 'lines' }, state);
      ({ state, isAtEnd } = step);
      records += step.records.length;
    }
  }
  return records;
}

try {
  const expected = transcripts.reduce((sum, { requests }) => sum + requests, 0);
  if ((await readUsage()) !== expected) throw new Error('the readers did not see every request');
  const cpu: Record<string, number> = { bare: 0, usage: 0 };
  const counted = (name: string, work: () => Promise<number>) => async () => {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    cpu[name] = (cpu[name] ?? 0) + user + system;
  };
  const sides = { bare: counted('bare', readBare), usage: counted('usage', readUsage) };
  const { usage = [], bare = [] } = await interleave(sides, ROUNDS);
  const ratios = usage.map((time, round) => time / (bare[round] ?? Number.NaN));
  const megabytes = transcripts.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  report('P16 reading 100 MB of transcripts ÷ parsing them bare', median(ratios), '≤ 1.5');
  report('P16 the same, CPU time', (cpu.usage ?? 0) / (cpu.bare ?? 1), '-');
  report('P16 transcripts read for usage, MB/s', Math.round(megabytes / (median(usage) / 1000)), '-');
} finally {
  rmSync(home, { recursive: true, force: true });
}
