import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess, isSameProcess, isStopped } from '../ipc/end-owner.js';
import { askServer } from '../ipc/reach-server.js';
import { readOwner } from '../ipc/read-owner.js';
import { chooseSocketPath } from '../ipc/socket-path.js';
import { type OwnedFolder, takeDataFolder } from './lock-folder.js';

/** Longer than END_MS in run-server.ts: a server that is ending keeps the folder until its storage is closed, in ms. */
const CLAIM_TIMEOUT_MS = 30_000;
/** A server that is found stopped for so long, in ms, is ended. */
const STOPPED_MS = 1_000;
const RETRY_MS = 50;

export type Claim = { owned: OwnedFolder } | { served: true } | { blocked: string };

/**
 * Becomes the owner of a data folder, or finds that another server does its work. Waits for a server that is ending; one
 * that is stopped, or that has not ended in time, is killed first.
 * @throws AppError `invalid_argument` for a folder that others can write to
 */
export async function claimFolder(dataDir: string): Promise<Claim> {
  const started = performance.now();
  for (;;) {
    const owned = takeDataFolder(dataDir);
    if (owned) return { owned };
    const owner = readOwner(dataDir);
    if (await askServer(chooseSocketPath(dataDir)).catch(() => null)) return { served: true };
    const waitedMs = performance.now() - started;
    const isSigned = isSameProcess(owner, readOwner(dataDir));
    if (owner && isSigned && waitedMs > STOPPED_MS && isStopped(owner)) endProcess(owner);
    if (waitedMs > CLAIM_TIMEOUT_MS && !(owner && isSigned && endProcess(owner)))
      return { blocked: 'another process owns the data folder but does not answer' };
    await sleep(RETRY_MS);
  }
}
