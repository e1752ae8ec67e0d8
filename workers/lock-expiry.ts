// Ends locks whose time is up, and agents whose process died. Any number of processes.

import { runWorker } from '../src/app/run-worker.js';
import { readEnvironment } from '../src/config.js';

await runWorker(readEnvironment(), 'lock-expiry');
