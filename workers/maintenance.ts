// What time brings: stashes expire, forgotten memories are purged, word statistics age. Any number of processes.

import { runWorker } from '../src/app/run-worker.js';
import { readEnvironment } from '../src/config.js';
import { startMaintenanceWork } from '../src/jobs/start-maintenance-work.js';

await runWorker(readEnvironment(), {
  name: 'maintenance',
  statementTimeoutMs: 120_000,
  poolSize: 3,
  start: (parts) => Promise.resolve(startMaintenanceWork(parts)),
});
