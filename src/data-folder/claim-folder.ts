import type { ControlMessage } from '../ipc/control-protocol.js';
import { reachServer } from '../ipc/reach-server.js';
import { type OwnedFolder, takeDataFolder } from './lock-folder.js';

/** A server that is closing its storage keeps the folder this long at most, in ms; see END_MS in run-server.ts. */
const CLAIM_TIMEOUT_MS = 30_000;
const RETRY_MS = 50;
const ASK: ControlMessage = { popstash: 'report' };

export type Claim = { owned: OwnedFolder } | { served: true } | { blocked: string };

/**
 * Becomes the owner of a data folder, or finds that another server does its work. One that is just ending is waited for.
 */
export async function claimFolder(dataDir: string, socketPath: string): Promise<Claim> {
  const deadline = Date.now() + CLAIM_TIMEOUT_MS;
  for (;;) {
    const owned = takeDataFolder(dataDir);
    if (owned) return { owned };
    const line = await reachServer(socketPath, ASK).catch(() => null);
    line?.socket.destroy();
    if (line) return { served: true };
    if (Date.now() > deadline) return { blocked: 'another process owns the data folder but does not answer' };
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
