import type { AddCommand } from './command-context.js';
import { addDashboard } from './dashboard.js';
import { addMigrate } from './migrate.js';

/** Every command but `mcp`, whose start must not wait for this list. */
export const commands: readonly AddCommand[] = [addDashboard, addMigrate];
