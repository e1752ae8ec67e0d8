import { hostname } from 'node:os';
import { LRUCache } from 'lru-cache';
import type { Actor } from '../../actor/actor.js';
import type { HookRequest, HookVerdict } from '../../ipc/control-protocol.js';
import { createAgentFinder } from '../identify/find-agent.js';
import { openProcessTree } from '../identify/process-tree.js';
import { endSubagent, endTurn } from './end-turn.js';
import { guardCommit } from './guard-commit.js';
import { guardEdit, recordEdit } from './guard-edit.js';
import { type GuardDeps, type HookContext, PASS } from './guard-types.js';
import type { HeardAgents } from './heard-agents.js';
import { openContext } from './open-context.js';
import { createSnapshotter } from './snapshot-files.js';
import { summarizeProject } from './summarize-project.js';
import { createShellWatch, type ShellWatch } from './watch-shell.js';

/** A warning is not repeated at every edit: for this long, in ms, and for so many of them. */
const TOLD_MS = 30 * 60_000;
const MAX_TOLD = 5_000;

export interface GuardService {
  /** The verdict on what a client's hook or a git hook reports. */
  answer(request: HookRequest): Promise<HookVerdict>;
  /** Whether hooks of the agent's client are heard: without them nothing checks its edits. Asks the database once at most. */
  isHeard(agentId: string): Promise<boolean>;
}

/** Decides about edits, commands and commits that are done without a tool of PopStash. */
export function createGuardService({
  heard,
  ...parts
}: Omit<GuardDeps, 'snapshots' | 'isNews'> & { heard: HeardAgents }): GuardService {
  const told = new LRUCache<string, true>({ max: MAX_TOLD, ttl: TOLD_MS });
  const isNews = (warning: string) => !told.has(warning) && told.set(warning, true).has(warning);
  const deps: GuardDeps = { ...parts, snapshots: createSnapshotter(), isNews };
  const { repository, sessionKnown } = deps;
  const finder = createAgentFinder({
    repository,
    host: hostname(),
    openProcesses: openProcessTree,
    onSession: sessionKnown,
  });
  const shell = createShellWatch(deps);
  return {
    isHeard: heard.isHeard,
    async answer(request) {
      const context = await openContext(finder, request);
      const verdict = await decide(deps, shell, context);
      if (context.agent && request.client !== 'git') heard.note(context.agent.id);
      // Any sign of the agent renews its locks. The client waits for the verdict, not for this.
      if (context.actor) touch(deps, context.actor);
      return verdict;
    },
  };
}

function touch({ agents }: GuardDeps, { agentId, sessionId }: Actor): void {
  agents.touch(agentId, sessionId === null ? [] : [sessionId]).catch(() => undefined);
}

function decide(deps: GuardDeps, shell: ShellWatch, context: HookContext): Promise<HookVerdict> {
  const { event, action } = context.request;
  switch (event) {
    case 'pre-tool-use':
      if (action === 'edit') return guardEdit(deps, context);
      return action === 'shell' ? shell.before(context) : Promise.resolve(PASS);
    case 'post-tool-use':
      if (action === 'edit') return recordEdit(deps, context);
      return action === 'shell' ? shell.after(context) : Promise.resolve(PASS);
    case 'session-start':
      return summarizeProject(deps, context);
    case 'stop':
    case 'session-end':
      return endTurn(deps, context);
    case 'subagent-stop':
      return endSubagent(deps, context);
    case 'pre-commit':
    case 'pre-push':
      return guardCommit(deps, context);
    default:
      // An event of a newer hook.
      return Promise.resolve(PASS);
  }
}
