// Moves the changes of the ledger of costs into its roll-ups. Any number of processes.

import { runWorker } from '../src/app/run-worker.js';
import { readEnvironment } from '../src/config.js';

await runWorker(readEnvironment(), 'cost-rollup');
