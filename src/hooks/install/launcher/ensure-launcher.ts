import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Environment } from '../../../config.js';
import { createFile } from '../../../files/write-new-file.js';
import type { Logger } from '../../../logger.js';
import { readLauncherFacts } from './find-invocation.js';
import { launcherTarget } from './write-launcher.js';

/**
 * Writes this user's launcher where there is none, as a server does when it starts: the hooks in files that a team shares run
 * the launcher of whoever works there, who need not have run init. One that is there stays as it is. Never throws.
 */
export function ensureLauncher(env: Environment, logger: Pick<Logger, 'warn'>): void {
  try {
    const facts = readLauncherFacts(env);
    if (statSync(facts.path, { throwIfNoEntry: false })) return;
    mkdirSync(dirname(facts.path), { recursive: true, mode: 0o700 });
    createFile(facts.path, launcherTarget(facts).add(null), 0o755);
  } catch (error) {
    logger.warn({ err: error }, 'the launcher could not be written: hooks of files that a team shares do nothing here');
  }
}
