import type { Environment } from '../../config.js';
import type { HookVerdict } from '../../ipc/control-protocol.js';
import { findRepository, realPath } from '../../project/find-repository.js';
import { describeLostGuards, findLostGuards } from '../guards/find-lost-guards.js';
import { wordAlone } from './word-alone.js';

/** Adds to what an agent is told when its session begins that git's guards are gone. @param folder of the client */
export async function tellLostGuards(verdict: HookVerdict, folder: string, env: Environment): Promise<HookVerdict> {
  if (verdict.decision === 'deny') return verdict;
  const repository = findRepository(realPath(folder));
  const lost = repository && findLostGuards(repository.worktree);
  if (!lost) return verdict;
  const warning = describeLostGuards(lost, await wordAlone('Ask the user to run: popstash init', env));
  const message = verdict.message === undefined ? warning : `${verdict.message}\n${warning}`;
  return { ...verdict, decision: 'tell', message };
}
