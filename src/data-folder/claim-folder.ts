import { setTimeout as sleep } from 'node:timers/promises';
import { askServer } from '../ipc/reach-server.js';
import { chooseSocketPath } from '../ipc/socket-path.js';
import { type OwnedFolder, takeDataFolder } from './lock-folder.js';

/** Longer than END_MS in run-server.ts: a server that is ending keeps the folder until its storage is closed, in ms. */
const CLAIM_TIMEOUT_MS = 30_000;
const RETRY_MS = 50;

export type Claim = { owned: OwnedFolder } | { served: true } | { blocked: string };

/**
 * Becomes the owner of a data folder, or finds that another server does its work. Waits for a server that is ending.
 */
export async function claimFolder(dataDir: string): Promise<Claim> {
  const deadline = Date.now() + CLAIM_TIMEOUT_MS;
  for (;;) {
    const owned = takeDataFolder(dataDir);
    if (owned) return { owned };
    if (await askServer(chooseSocketPath(dataDir)).catch(() => null)) return { served: true };
    if (Date.now() > deadline) return { blocked: 'another process owns the data folder but does not answer' };
    await sleep(RETRY_MS);
  }
}
