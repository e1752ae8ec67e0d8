// Trial F23: control messages, payloads of hooks, rows of transcripts and files to import, changed at random. A reader gives
// an answer of its own form or says so by its own kind of error, and none keeps its process for long.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CLIENT_SOURCES } from '../../src/accountability/clients/client-list.js';
import type { UsageRecord } from '../../src/accountability/usage.js';
import { AppError } from '../../src/errors.js';
import { clients } from '../../src/hooks/clients/client-list.js';
import { asFields } from '../../src/hooks/definition/payload-fields.js';
import { createToolReader } from '../../src/hooks/definition/read-tool.js';
import { decodeFromClient, decodeFromServer } from '../../src/ipc/control-protocol.js';
import { SOURCE_NAMES, SOURCES } from '../../src/memory/sources/source-list.js';
import { createRandom, type Random } from '../support/histories/random.js';
import { mutateText, mutateValue } from '../support/inputs/mutate.js';
import { isFullTrial, trialCount } from '../support/setup/trial.js';

const seed = Number(process.env.TEST_SEED ?? 23);
/** Of all four kinds together 1,000,000 in full form. */
const inputs = trialCount(600, 250_000);
const MAX_BLOCKED_MS = 50;
const fixtures = join(import.meta.dirname, '..', 'fixtures');
const readTool = createToolReader(clients.map(({ tools }) => tools));
const HOOK_EVENTS = ['pre-tool-use', 'post-tool-use', 'session-start', 'prompt-submit', 'stop'] as const;

/** Reads generated inputs; a slow one counts when it is slow each of three times. */
function readMany(make: (random: Random) => () => void): void {
  const random = createRandom(seed);
  let slowest = 0;
  for (let index = 0; index < inputs; index += 1) {
    const read = make(random);
    let took = timeOf(read);
    for (let again = 0; again < 2 && took > MAX_BLOCKED_MS; again += 1) took = Math.min(took, timeOf(read));
    slowest = Math.max(slowest, took);
  }
  if (isFullTrial) process.stderr.write(`F23: ${inputs} inputs, slowest ${slowest.toFixed(1)} ms, seed ${seed}\n`);
  expect(slowest).toBeLessThan(MAX_BLOCKED_MS);
}

function timeOf(read: () => void): number {
  const started = performance.now();
  read();
  return performance.now() - started;
}

const CONTROL = [
  { popstash: 'hello', version: '1.0.0', pid: 7, bridge: 'b', cwd: '/work', project: 'p', terminal: 'tty1' },
  { popstash: 'hook', version: '1', pid: 1, event: 'pre-tool-use', client: 'git', cwd: '/work', files: ['a.ts'] },
  { popstash: 'report' },
  { popstash: 'stop' },
  { popstash: 'welcome', version: '1.0.0', pid: 7 },
  { popstash: 'verdict', decision: 'deny', message: 'held' },
];

test('control messages', () => {
  readMany((random) => {
    const text = JSON.stringify(mutateValue(random.pick(CONTROL), random));
    const line = Buffer.from(random.chance(0.3) ? mutateText(text, random) : text);
    return () => {
      for (const decode of [decodeFromClient, decodeFromServer]) expect(typeof decode(line)).toBe('object');
    };
  });
});

test('payloads of hooks', () => {
  readMany((random) => {
    const client = random.pick(clients);
    const payload = mutateValue(JSON.parse(JSON.stringify(client.samplePayload('/work/a.ts', '/work', 's1'))), random);
    const event = random.pick(HOOK_EVENTS);
    return () => {
      const use = client.readPayload(event, asFields(payload), readTool);
      expect(use.files?.every((file) => typeof file === 'string') ?? true).toBe(true);
      const { stdout } = client.writeVerdict(event, use.eventName, {
        popstash: 'verdict',
        decision: 'deny',
        message: 'x',
      });
      expect(typeof stdout).toBe('string');
    };
  });
});

const FILE = { path: '/home/dev/sessions/a.jsonl', bornAt: '2026-06-01T00:00:00.000Z', cwd: '/work' };

describe('transcripts', () => {
  const rows = readRows(join(fixtures, 'transcripts'));

  test('rows of lines', () => {
    readMany((random) => {
      const lines = random.pick(CLIENT_SOURCES.flatMap((source) => (source.lines ? [source.lines] : [])));
      const given = Array.from({ length: 3 }, () => mutateValue(random.pick(rows.lines), random));
      return () => {
        const reader = lines.open(null, FILE);
        for (const row of given) checkRecords(() => reader.readRow(row));
        // What it carries from row to row is stored, and taken again by its own kind.
        lines.open(JSON.parse(JSON.stringify(reader.save() ?? null)), FILE);
      };
    });
  });

  test('documents', () => {
    readMany((random) => {
      const document = random.pick(CLIENT_SOURCES.flatMap((source) => (source.document ? [source.document] : [])));
      const given = mutateValue(random.pick(rows.documents), random);
      return () => checkRecords(() => document.read(given, null, FILE).records);
    });
  });
});

test('files to import', () => {
  const texts = listFiles(join(fixtures, 'sources')).map((path) => readFileSync(path, 'utf8'));
  readMany((random) => {
    const source = SOURCES[random.pick(SOURCE_NAMES)];
    const text = mutateText(random.pick(texts), random);
    return () => {
      try {
        const { records, problems } = source.read(text, 'notes/a.md');
        expect(records.every((record) => typeof record.text === 'string')).toBe(true);
        expect(problems.every(({ reason }) => reason !== '')).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    };
  });
});

/** A row of another form is refused by an error, which is counted; one that is read has only counts that add up. */
function checkRecords(read: () => UsageRecord[]): void {
  let records: UsageRecord[];
  try {
    records = read();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(RangeError);
    return;
  }
  for (const { tokens } of records) {
    for (const count of Object.values(tokens ?? {})) expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
  }
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
}

function readRows(folder: string): { lines: unknown[]; documents: unknown[] } {
  const files = listFiles(folder);
  const lines = files
    .filter((path) => path.endsWith('.jsonl'))
    .flatMap((path) =>
      readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    );
  const documents = files
    .filter((path) => path.endsWith('.json'))
    .map((path): unknown => JSON.parse(readFileSync(path, 'utf8')));
  return { lines, documents };
}
