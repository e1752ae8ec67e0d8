import { clients } from '../clients/client-list.js';
import { namesClient } from './match-agent.js';
import { listAncestors, openProcessTree } from './process-tree.js';

/** Whether a program with the name of a client runs above this process: what can be told without a server. */
export async function isBelowClient(pid: number): Promise<boolean> {
  const above = listAncestors(pid, await openProcessTree()).slice(1);
  return above.some((process) => clients.some(({ calledAs }) => namesClient(process, calledAs)));
}
