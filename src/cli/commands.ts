import type { AddCommand } from './command-context.js';
import { addDashboard } from './dashboard.js';
import { addDoctor } from './doctor.js';
import { addDown } from './down.js';
import { addEval } from './eval.js';
import { addGuard } from './guard.js';
import { addInit } from './init.js';
import { addLocks } from './locks.js';
import { addMigrate } from './migrate.js';
import { addRestore } from './restore.js';
import { addServe } from './serve.js';
import { addStatus } from './status.js';
import { addUp } from './up.js';
import { addVersion } from './version.js';
import { addWorker } from './worker.js';

/** Every command but `mcp`, whose start must not wait for this list. */
export const commands: readonly AddCommand[] = [
  addUp,
  addDown,
  addStatus,
  addDoctor,
  addLocks,
  addInit,
  addGuard,
  addRestore,
  addMigrate,
  addEval,
  addWorker,
  addDashboard,
  addServe,
  addVersion,
];
