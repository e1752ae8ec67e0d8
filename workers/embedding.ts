// Gives passages and queries their vectors. One process, one model; any number of processes.

import { runWorker } from '../src/app/run-worker.js';
import { readEnvironment } from '../src/config.js';

await runWorker(readEnvironment(), 'embedding');
