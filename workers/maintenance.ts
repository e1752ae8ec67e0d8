// Expires stashes, purges forgotten memories, refreshes word statistics. Any number of processes.

import { runWorker } from '../src/app/run-worker.js';
import { readEnvironment } from '../src/config.js';

await runWorker(readEnvironment(), 'maintenance');
