import type { ReadOrder } from '../../accountability/reader/reader-types.js';
import { USAGE_CLIENTS } from '../../accountability/usage.js';
import type { HookRequest } from '../../ipc/control-protocol.js';

/** Which files a hook's request says may hold new usage: those that it names, else any of its client. */
export function listReadOrders({ client, transcripts = [] }: HookRequest): ReadOrder[] {
  if (!USAGE_CLIENTS.some((known) => known === client)) return [];
  return transcripts.length > 0 ? transcripts.map((path) => ({ client, path })) : [{ client }];
}
