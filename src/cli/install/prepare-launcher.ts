import { rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chooseDataDir, type Environment } from '../../config.js';
import { findMachineRecord, readRecord, writeRecord } from '../../hooks/install/install-record.js';
import type { Target } from '../../hooks/install/install-types.js';
import { isInNpxCache } from '../../hooks/install/launcher/command-here.js';
import { copyFromNpx, removeCopy } from '../../hooks/install/launcher/copy-from-npx.js';
import { readLauncherFacts } from '../../hooks/install/launcher/find-invocation.js';
import { chooseLauncherFolder } from '../../hooks/install/launcher/launcher-path.js';
import { launcherTarget } from '../../hooks/install/launcher/write-launcher.js';
import { findPackage } from '../../package-root.js';

export interface PreparedLauncher {
  target: Target;
  notes: string[];
  /** Copies the program out of the cache of npx, where it lies there. */
  install(): void;
  /** Removes that copy, and the folders that init has made for launcher and receipts if they are empty. @param recordPath any */
  remove(recordPath: string): void;
}

/** The launcher of this machine, and what it starts. */
export function prepareLauncher(env: Environment): PreparedLauncher {
  const { root } = findPackage();
  const folder = chooseLauncherFolder(env);
  const isCached = isInNpxCache(root);
  const kept = isCached ? join(folder, 'app', 'node_modules', 'popstash') : root;
  return {
    target: launcherTarget(readLauncherFacts(env, kept)),
    notes: isCached
      ? [
          `this popstash lies in the cache of npx, which is emptied now and then: a copy is kept in ${join(folder, 'app')}.`,
        ]
      : [],
    install: () => {
      if (isCached) copyFromNpx(root, folder);
    },
    remove(recordPath) {
      removeCopy(folder);
      const machinePath = findMachineRecord(recordPath);
      const made = readRecord(machinePath).folders;
      writeRecord(machinePath, null);
      const own = [join(folder, 'bin'), dirname(machinePath), folder, chooseDataDir(env)];
      for (const empty of [...own, ...made]) {
        try {
          rmdirSync(empty);
        } catch {
          // Something of the user's is in it, or it is gone.
        }
      }
    },
  };
}
