// What a hook says by itself. The build puts it into a file of its own, since the hook before an edit seldom needs it.
import type { Environment } from '../../config.js';
import type { HookVerdict } from '../../ipc/control-protocol.js';
import { findRepository, realPath } from '../../project/find-repository.js';
import { describeLostGuards, findLostGuards } from '../guards/find-lost-guards.js';
import { wordForAgents } from '../install/launcher/command-here.js';

/** A verdict that no server has given, with the commands in it as they work here. */
export function wordVerdict(verdict: HookVerdict, env: Environment): HookVerdict {
  return verdict.message === undefined ? verdict : { ...verdict, message: wordForAgents(env)(verdict.message) };
}

/** Adds to what an agent is told when its session begins that git's guards are gone. @param folder of the client */
export function tellLostGuards(verdict: HookVerdict, folder: string, env: Environment): HookVerdict {
  if (verdict.decision === 'deny') return verdict;
  const repository = findRepository(realPath(folder));
  const lost = repository && findLostGuards(repository.worktree);
  if (!lost) return verdict;
  const warning = describeLostGuards(lost, wordForAgents(env)('Ask the user to run: popstash init'));
  const message = verdict.message === undefined ? warning : `${verdict.message}\n${warning}`;
  return { ...verdict, decision: 'tell', message };
}
