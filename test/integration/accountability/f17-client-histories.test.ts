// Histories of all clients with known truth, read into the ledger while they grow: by two readers at once, by readers that are
// killed, whatever the faults of the files. The ledger then has each request once, to the last token and pico-dollar.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { describe, expect, test } from 'vitest';
import { parseDollars } from '../../../src/accountability/money.js';
import { openReader } from '../../../src/accountability/reader/read-passes.js';
import type { TranscriptReader } from '../../../src/accountability/reader/reader-types.js';
import { createLogger } from '../../../src/logger.js';
import { HISTORIES } from '../../support/ledger/client-histories/check-history.js';
import type { History } from '../../support/ledger/client-histories/history.js';
import { hasSqlite, playHistory } from '../../support/ledger/client-histories/play-history.js';
import { createRandom, type Random } from '../../support/ledger/client-histories/random.js';
import { environmentOf } from '../../support/ledger/client-histories/read-all.js';
import { emptyLedger, ledgerContext } from '../../support/ledger/ledger-fixture.js';
import { DATABASE_MODES, type DatabaseMode, openBothDatabases } from '../../support/setup/both-databases.js';
import { buildScript } from '../../support/setup/build-script.js';
import { pathIdentities } from '../../support/setup/identities.js';
import { trialCount } from '../../support/setup/trial.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const SEEDS = { server: trialCount(30, 1_000), embedded: trialCount(12, 200) };
/** A killed reader has got this far at most, in ms: most end before by themselves. */
const MAX_LIFE_MS = 60;

const databases = await openBothDatabases();
const script = await buildScript('ledger/reader-process.ts');
const clients = Object.keys(HISTORIES).filter((client) => client !== 'opencode');
if (await hasSqlite()) clients.push('opencode');

interface Play {
  pool: Pool;
  mode: DatabaseMode;
  home: string;
  host: string;
  variables: Record<string, string>;
  random: Random;
}

function createReader({ pool, home, host, variables, random }: Play): TranscriptReader {
  return openReader({
    pool,
    book: ledgerContext.book,
    environment: environmentOf(home, variables),
    identities: pathIdentities,
    host,
    logger: createLogger('silent', 'test'),
    step: { bytes: random.pick([500, 5_000, 1_000_000]), rows: random.int(1, 50) },
    costDays: 0,
    onRecorded: () => undefined,
  });
}

/** A reader in a process of its own, killed after a while. */
async function readAndDie({ home, host, variables, random }: Play): Promise<void> {
  const args = [script, databases.serverUrl, host, home, JSON.stringify(variables), String(random.pick([300, 3_000]))];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), exited]);
  await new Promise((resolve) => setTimeout(resolve, random.int(0, MAX_LIFE_MS)));
  child.kill('SIGKILL');
  await exited;
}

/** What a dead reader had claimed, as after the life of a claim. Its last statement may outlive it. */
async function endClaims(pool: Pool): Promise<void> {
  await waitUntil(async () => {
    const { rows } = await pool.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'killed-reader'`);
    return rows.length === 0;
  }, 'the end of the killed reader');
  await pool.query(`UPDATE transcript_files SET claimed_until = clock_timestamp() - interval '1 second'
    WHERE claim IS NOT NULL`);
}

async function readUntilFree(reader: TranscriptReader): Promise<void> {
  await waitUntil(async () => {
    const { filesBusy, notRead } = await reader.readAll();
    expect(notRead).toEqual([]);
    return filesBusy === 0;
  }, 'files that nobody else reads');
}

async function checkSeed(mode: DatabaseMode, client: string, seed: number): Promise<void> {
  const pool = databases[mode];
  const random = createRandom(seed);
  const home = mkdtempSync(join(tmpdir(), 'popstash-f17-'));
  try {
    const history = HISTORIES[client]?.create(random, home) as History;
    const play: Play = { pool, mode, home, host: `host-${seed}`, variables: history.variables, random };
    await emptyLedger(pool);
    let readers = [createReader(play), createReader(play)];
    await playHistory(history.strands, random, async (isNeeded) => {
      if (mode === 'server' && random.chance(0.15)) {
        await readAndDie(play);
        await endClaims(pool);
      }
      if (random.chance(0.2)) readers = [createReader(play), createReader(play)];
      if (isNeeded || random.chance(0.5)) await Promise.all(readers.map(readUntilFree));
      else await readUntilFree(random.pick(readers));
    });
    await compare(pool, history);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function compare(pool: Pool, history: History): Promise<void> {
  const { rows } = await pool.query(
    `SELECT client, client_session AS "sessionId", subagent AS "agentId", coalesce(model, '') AS model, occurred_at AS at,
       json_build_object('input', input_tokens, 'output', output_tokens, 'reasoning', reasoning_tokens,
         'cacheRead', cache_read_tokens, 'cacheWrite5m', cache_write_5m_tokens, 'cacheWrite1h', cache_write_1h_tokens)
         AS tokens,
       web_searches AS "webSearches", grade, cost_usd::text AS cost
     FROM usage_entries`,
  );
  const seen = rows.map(({ at, cost, ...row }) => ({
    ...row,
    at: at.toISOString(),
    cost: cost === null ? null : parseDollars(cost),
  }));
  expect(inOrder(seen)).toEqual(inOrder(history.truth));
}

function inOrder(rows: readonly object[]): string[] {
  const write = (row: object): string =>
    JSON.stringify(Object.entries(row).sort(), (_, value) => {
      if (typeof value === 'bigint') return String(value);
      return value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.entries(value).sort()
        : value;
    });
  return rows.map(write).sort();
}

describe.each(DATABASE_MODES)('histories of all clients, %s', (mode) => {
  test(`are in the ledger as they were (${SEEDS[mode]} seeds)`, async () => {
    for (let seed = 1; seed <= SEEDS[mode]; seed += 1) {
      const client = clients[seed % clients.length] as string;
      await checkSeed(mode, client, seed).catch((error: unknown) => {
        throw new Error(`${client}, seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      });
    }
    expect.hasAssertions();
  });
});
