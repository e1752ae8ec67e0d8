// A process of the trial of exact totals: writes its share of the rows, or moves changes into roll-ups until it is killed.
// Arguments: `write URL INDEX WRITERS REQUESTS` or `roll URL`. Says `ready` on stdout when it begins.
import { recordUsage } from '../../../src/accountability/ledger/record-usage.js';
import { rollUpChanges } from '../../../src/accountability/ledger/roll-up-changes.js';
import { createPool } from '../../../src/db/pool.js';
import { createLogger } from '../../../src/logger.js';
import { createRandom } from '../inputs/canary-secrets.js';
import { rowsOfWriter } from '../memory/writer-rows.js';
import { ledgerContext } from './ledger-fixture.js';
import { inBatches, shuffled } from './usage-records.js';

const [role, connectionString = '', index = '0', writers = '1', requests = '0'] = process.argv.slice(2);
const pool = createPool({
  connectionString,
  size: 1,
  logger: createLogger('silent', 'trial'),
  statementTimeoutMs: 120_000,
});
process.stdout.write('ready\n');
if (role === 'write') {
  const random = createRandom(1_000 + Number(index));
  const rows = rowsOfWriter(Number(index), Number(writers), Number(requests));
  for (const batch of inBatches(shuffled(rows, random), random, 400)) await recordUsage(pool, ledgerContext, batch);
} else {
  for (;;) await rollUpChanges(pool, { limit: 50 });
}
await pool.end();
