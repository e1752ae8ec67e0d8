// A reader of the trial of client histories, which is killed at a random moment. Arguments: `URL HOST HOME VARIABLES BYTES`,
// the variables as JSON. Says `ready` on stdout before it reads, and ends when all is read.
import { openReader } from '../../../src/accountability/reader/read-passes.js';
import { createPool } from '../../../src/db/pool.js';
import { createLogger } from '../../../src/logger.js';
import { pathIdentities } from '../setup/identities.js';
import { ledgerContext } from './ledger-fixture.js';

const [connectionString = '', host = '', home = '', variables = '{}', bytes = '1000'] = process.argv.slice(2);
const logger = createLogger('silent', 'trial');
const pool = createPool({
  connectionString,
  size: 2,
  logger,
  statementTimeoutMs: 60_000,
  applicationName: 'killed-reader',
});
const reader = openReader({
  pool,
  book: ledgerContext.book,
  environment: { home, platform: 'linux', variables: JSON.parse(variables) },
  identities: pathIdentities,
  host,
  logger,
  step: { bytes: Number(bytes), rows: 3 },
  costDays: 0,
  onRecorded: () => undefined,
});
await pool.query('SELECT 1');
process.stdout.write('ready\n');
await reader.readAll();
await pool.end();
