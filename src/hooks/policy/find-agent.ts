import type { HookRequest } from '../../ipc/control-protocol.js';
import { resolveProject } from '../../project/resolve-project.js';
import type { GuardRepository, HookAgent } from './guard-repository.js';
import { findSharedClient } from './match-agent.js';
import { listAncestors, type ReadProcess } from './process-tree.js';

export interface AgentFinder {
  /** The agent that a hook acts for; null when that can not be told: then it acts for nobody. */
  find(request: HookRequest): Promise<HookAgent | null>;
}

export interface AgentFinderDeps {
  repository: Pick<GuardRepository, 'listAgents' | 'rememberSession'>;
  host: string;
  openProcesses: () => Promise<ReadProcess>;
}

/** See docs/decisions/hooks-find-their-agent.md. */
export function createAgentFinder({ repository, host, openProcesses }: AgentFinderDeps): AgentFinder {
  /** The agents whose process was started by the same client as the asking process; those of the nearest client. */
  async function findByProcesses(request: HookRequest, agents: HookAgent[]): Promise<HookAgent[] | 'unknown'> {
    const read = await openProcesses();
    const asking = listAncestors(request.pid, read);
    if (asking.length < 2) return 'unknown';
    const options = { client: request.client, anyDescendant: request.client === 'git' };
    let nearest = Number.POSITIVE_INFINITY;
    let found: HookAgent[] = [];
    for (const agent of agents) {
      if (!agent.isLocal || !agent.pid) continue;
      const distance = findSharedClient(asking, listAncestors(agent.pid, read), options);
      if (distance === null || distance > nearest) continue;
      found = distance === nearest ? [...found, agent] : [agent];
      nearest = distance;
    }
    return found;
  }

  /** Where processes can't be seen (Windows, a container): the one agent of this client in this worktree. */
  function findAlone(request: HookRequest, agents: HookAgent[]): HookAgent[] {
    const { worktree } = resolveProject(request.cwd, undefined);
    const fitting = agents.filter(
      (agent) => agent.worktree === worktree && hasClientName(agent, request.client) && agent.clientSession === null,
    );
    return fitting.length === 1 ? fitting : [];
  }

  return {
    async find(request) {
      const session = request.session ?? null;
      const agents = await repository.listAgents(host, session);
      const byProcesses = await findByProcesses(request, agents);
      const related = byProcesses === 'unknown' ? [] : chooseLikely(byProcesses, request);
      const bySession = session === null ? [] : agents.filter((agent) => agent.clientSession === session);
      const agent =
        related[0] ?? bySession[0] ?? (byProcesses === 'unknown' ? findAlone(request, agents)[0] : undefined) ?? null;
      if (agent && session !== null && agent.clientSession !== session) {
        await repository.rememberSession(agent.id, session);
      }
      return agent;
    },
  };
}

/** One client may have several connections: of several windows, or an old one that has not ended yet. Best first. */
function chooseLikely(agents: HookAgent[], request: HookRequest): HookAgent[] {
  if (agents.length < 2) return agents;
  const { worktree } = resolveProject(request.cwd, undefined);
  const score = (agent: HookAgent) =>
    (request.session !== undefined && agent.clientSession === request.session ? 4 : 0) +
    (hasClientName(agent, request.client) ? 2 : 0) +
    (agent.worktree === worktree ? 1 : 0);
  // Stable: among equals the newest stays first.
  return [...agents].sort((a, b) => score(b) - score(a));
}

function hasClientName(agent: HookAgent, client: string): boolean {
  return agent.name.toLowerCase().includes(client);
}
