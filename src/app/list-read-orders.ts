import type { ReadOrder } from '../accountability/reader/reader-types.js';
import type { HookRequest } from '../ipc/control-protocol.js';

/** Which files a hook's request says may hold new usage. Git has none, and of an unknown client nothing is read. */
export function listReadOrders({ client, transcripts = [] }: HookRequest): ReadOrder[] {
  if (client === 'git') return [];
  return transcripts.length > 0 ? transcripts.map((path) => ({ client, path })) : [{ client }];
}
