import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { claude } from '../../../../src/accountability/clients/claude.js';
import { cline } from '../../../../src/accountability/clients/cline.js';
import { codex } from '../../../../src/accountability/clients/codex.js';
import { gemini } from '../../../../src/accountability/clients/gemini.js';
import { opencode } from '../../../../src/accountability/clients/opencode.js';
import { mergeRecords, resolveEntry, type UsageEntry } from '../../../../src/accountability/merge-records.js';
import { openPriceBook } from '../../../../src/accountability/prices/price-book.js';
import { priceRequest } from '../../../../src/accountability/prices/price-request.js';
import type { ClientSource } from '../../../../src/accountability/transcripts/source-types.js';
import type { UsageRecord } from '../../../../src/accountability/usage.js';
import { createClaudeHistory } from './claude-history.js';
import { createClineHistory } from './cline-history.js';
import { createCodexHistory } from './codex-history.js';
import { createGeminiHistory } from './gemini-history.js';
import type { History } from './history.js';
import { createOpencodeHistory } from './opencode-history.js';
import { playHistory } from './play-history.js';
import { createRandom, type Random } from './random.js';
import { environmentOf, readAll, type States } from './read-all.js';

export const HISTORIES: Readonly<
  Record<string, { source: ClientSource; create: (random: Random, home: string) => History }>
> = {
  claude: { source: claude, create: createClaudeHistory },
  codex: { source: codex, create: createCodexHistory },
  gemini: { source: gemini, create: createGeminiHistory },
  cline: { source: cline, create: createClineHistory },
  opencode: { source: opencode, create: createOpencodeHistory },
};

const book = openPriceBook();

/**
 * Plays a history while a reader looks at random moments, and compares what it gathered, shuffled and repeated, with the
 * truth: every request, to the last token and pico-dollar. Some looks are lost, as when a reader is killed before it stored
 * anything; at some, a second reader reads the same from the same state.
 */
export async function checkHistory(client: string, seed: number): Promise<void> {
  const { source, create } = HISTORIES[client] as (typeof HISTORIES)[string];
  const random = createRandom(seed);
  const home = await mkdtemp(join(tmpdir(), 'popstash-history-'));
  try {
    const history = create(random, home);
    const environment = environmentOf(home, history.variables);
    const states: States = new Map();
    let entries: UsageEntry[] = [];
    let badRows = 0;
    const keep = (records: readonly UsageRecord[]) => {
      entries = mergeRecords([...entries, ...random.shuffle([...records, ...records])]);
    };
    await playHistory(history.strands, random, async (isNeeded) => {
      const limits = { stepBytes: random.pick([500, 5000, 1_000_000]), maxRows: random.int(1, 50) };
      const before = new Map(states);
      if (random.chance(0.3)) keep((await readAll(source, environment, new Map(states), limits)).records);
      const reading = await readAll(source, environment, states, limits);
      if (!isNeeded && random.chance(0.3)) {
        states.clear();
        for (const [path, state] of before) states.set(path, state);
        return;
      }
      badRows += reading.badRows;
      keep(reading.records);
    });
    compare(history, entries);
    expect(badRows).toBe(history.badRows);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function compare(history: History, entries: readonly UsageEntry[]): void {
  const seen = entries.map(resolveEntry).map((entry) => {
    const { client, sessionId, agentId, model, at, tokens, webSearches, grade } = entry;
    return {
      client,
      sessionId,
      agentId,
      model: model ?? '',
      at,
      tokens,
      webSearches,
      grade,
      cost: priceRequest(entry, book).cost,
    };
  });
  const text = (value: object) => JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}` : one));
  const order = (rows: readonly object[]) => rows.map(text).sort();
  expect(order(seen)).toEqual(order(history.truth));
}
