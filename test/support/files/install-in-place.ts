import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { prepareLauncher } from '../../../src/cli/install/prepare-launcher.js';
import { clients } from '../../../src/hooks/clients/client-list.js';
import { applyInit, applyUndo, openRecords, planUndo } from '../../../src/hooks/install/apply-init.js';
import { planAdding } from '../../../src/hooks/install/change-files.js';
import { findRecord, writeRecord } from '../../../src/hooks/install/install-record.js';
import { findInvocation, readLauncherFacts, type Scope } from '../../../src/hooks/install/launcher/find-invocation.js';
import { launcherTarget } from '../../../src/hooks/install/launcher/write-launcher.js';
import { listAllowed, listTargets, listUserTargets } from '../../../src/hooks/install/list-targets.js';

/** A project and its user's home folder. */
export interface Place {
  worktree: string;
  home: string;
  scope: Scope;
  ownHooks?: boolean;
}

/** Every entry below a folder: its bytes, mode and link. */
export function readTree(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    entries.map((path) => {
      const stats = lstatSync(join(folder, path));
      const content = stats.isSymbolicLink()
        ? `link ${readlinkSync(join(folder, path))}`
        : stats.isFile()
          ? readFileSync(join(folder, path), 'latin1')
          : '';
      return [path, `${stats.mode.toString(8)} ${content}`];
    }),
  );
}

/** Writes a file and the folders above it. */
export function put(folder: string, path: string, content: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content, { mode });
}

/** What init does, in this process, for all clients. @returns the plan */
export function installInPlace({ worktree, home, scope, ownHooks = false }: Place) {
  const env = { HOME: home };
  const dataDir = join(home, '.local', 'share', 'popstash');
  const start = findInvocation(env, scope);
  const launcher = launcherTarget(readLauncherFacts(env, '/opt/popstash'));
  const targets = [
    launcher,
    ...(scope === 'user' ? listUserTargets(clients, start) : listTargets(clients, worktree, start, ownHooks)),
  ];
  const allowed = listAllowed(scope === 'user' ? null : worktree, dataDir, launcher.path);
  const recordPath = findRecord(dataDir, scope === 'user' ? home : worktree);
  const records =
    scope === 'user' ? { path: recordPath, worktree, sharedPath: null } : openRecords(recordPath, worktree);
  const plan = planAdding(targets, allowed);
  applyInit(plan.changes, records, targets);
  return { ...plan, targets, records, allowed };
}

/** What uninstall does. @param isForgetful the receipts are lost */
export function uninstallInPlace(place: Place, isForgetful = false): void {
  const { targets, records, allowed } = installInPlace(place);
  if (isForgetful) for (const path of [records.path, records.sharedPath]) if (path) writeRecord(path, null);
  applyUndo(planUndo(targets, records, allowed).changes, records, targets);
  prepareLauncher({ HOME: place.home }).remove(records.path);
}
