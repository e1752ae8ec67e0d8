// Ends what time or death has ended: locks, and agents whose process is gone. Any number of processes.

import { runWorker } from '../src/app/run-worker.js';
import { readEnvironment } from '../src/config.js';
import { startLockExpiryWork } from '../src/jobs/start-lock-expiry-work.js';

await runWorker(readEnvironment(), {
  name: 'lock-expiry',
  statementTimeoutMs: 30_000,
  poolSize: 3,
  start: (parts) => Promise.resolve(startLockExpiryWork({ ...parts, agentsProveLife: true })),
});
