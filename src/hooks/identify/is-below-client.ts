import { formats } from '../clients/formats/format-list.js';
import { namesClient } from './match-agent.js';
import { readChains } from './process-tree.js';

/** Whether a program with the name of a client runs above this process: what can be told without a server. */
export async function isBelowClient(pid: number): Promise<boolean> {
  const [chain = []] = await readChains([pid]);
  return chain.slice(1).some((process) => formats.some(({ calledAs }) => namesClient(process, calledAs)));
}
