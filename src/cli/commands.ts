import type { AddCommand } from './command-context.js';
import { addDashboard } from './dashboard.js';
import { addDown } from './down.js';
import { addMigrate } from './migrate.js';
import { addServe } from './serve.js';
import { addUp } from './up.js';

/** Every command but `mcp`, whose start must not wait for this list. */
export const commands: readonly AddCommand[] = [addDashboard, addMigrate, addUp, addDown, addServe];
