import { addCompletion } from './completion.js';
import type { AddCommand } from './context/command-context.js';
import { addCosts } from './costs.js';
import { addDashboard } from './dashboard.js';
import { addDoctor } from './doctor.js';
import { addDown } from './down.js';
import { addEval } from './eval.js';
import { addGuard } from './guard.js';
import { addHook } from './hook.js';
import { addInit, addUninstall } from './init.js';
import { addLocks } from './locks.js';
import { addLogs } from './logs.js';
import { addMcp } from './mcp.js';
import { addBackup } from './memory/backup.js';
import { addEdit } from './memory/edit.js';
import { addExport } from './memory/export.js';
import { addForget } from './memory/forget.js';
import { addImport } from './memory/import.js';
import { addList } from './memory/list.js';
import { addRestore } from './memory/restore.js';
import { addRestoreBackup } from './memory/restore-backup.js';
import { addSearch } from './memory/search.js';
import { addShow } from './memory/show.js';
import { addMigrate } from './migrate.js';
import { addProjects } from './projects/projects.js';
import { addReader } from './reader.js';
import { addServe } from './serve.js';
import { addStatus } from './status.js';
import { addStatusline } from './statusline.js';
import { addTimeline } from './timeline.js';
import { addTokens } from './tokens.js';
import { addUp } from './up.js';
import { addVersion } from './version.js';
import { addWorker } from './worker.js';

/** Every command, in the order of `popstash --help`, below the heading of its group: a file of this folder each, and a line here. */
export const commandGroups: Readonly<Record<string, readonly AddCommand[]>> = {
  'Set up:': [addInit, addUninstall, addUp, addDown, addCompletion, addVersion],
  'See what happens:': [addStatus, addLocks, addTimeline, addCosts, addLogs, addDoctor],
  'Memory:': [
    addSearch,
    addList,
    addShow,
    addEdit,
    addForget,
    addRestore,
    addExport,
    addImport,
    addBackup,
    addRestoreBackup,
    addProjects,
    addEval,
  ],
  'Server mode and teams:': [addMigrate, addWorker, addServe, addTokens, addDashboard],
  'Run by clients, git and PopStash itself:': [addMcp, addHook, addStatusline, addGuard, addReader],
};

export const commands: readonly AddCommand[] = Object.values(commandGroups).flat();
