import { describe, expect, it } from 'vitest';
import { checkHistory, HISTORIES } from '../../support/ledger/client-histories/check-history.js';
import { hasSqlite } from '../../support/ledger/client-histories/play-history.js';

const SEEDS = 50;

/** opencode keeps a database: only a Node that carries SQLite can make and read one. */
const clients = Object.keys(HISTORIES).filter((client) => client !== 'opencode');
if (await hasSqlite()) clients.push('opencode');

describe.each(clients)('histories of %s', (client) => {
  it(`add up to the truth, whatever the order, faults and interruptions (${SEEDS} seeds)`, async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      await checkHistory(client, seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      });
    }
    expect.hasAssertions();
  });
});
