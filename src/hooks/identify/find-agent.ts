import type { HookRequest } from '../../ipc/control-protocol.js';
import { findFormat } from '../clients/formats/format-list.js';
import type { HookAgent } from './hook-agent.js';
import { findSharedClient } from './match-agent.js';
import type { ProcessInfo, ReadChains } from './process-tree.js';

export interface AgentFinder {
  /**
   * The agent that a hook acts for; null when that can not be told: then it acts for nobody.
   * @param whereabouts worktree of the folder that the request names
   */
  find(request: HookRequest, whereabouts: Promise<string>): Promise<HookAgent | null>;
}

export interface AgentFinderDeps {
  repository: AgentStore;
  host: string;
  readChains: ReadChains;
  /** The session that an agent serves was learned. @param client what the agent's client calls itself */
  onSession?(agentId: string, client: string, session: string): void;
}

export interface AgentStore {
  /** Connected agents of this host, and those that are known by this session; newest first. */
  listAgents(host: string, clientSession: string | null): Promise<HookAgent[]>;
  /** Keeps the client's own name of the session that an agent serves. @returns the agent's name: it may be the one before */
  rememberSession(agentId: string, clientSession: string): Promise<string | null>;
}

/** Of so many agents the processes are read while the agents are listed. */
const MAX_EARLY = 32;

/** See docs/decisions/hooks-find-their-agent.md. */
export function createAgentFinder({ repository, host, readChains, onSession }: AgentFinderDeps): AgentFinder {
  /** Processes of the agents that were connected last: most likely they still are. */
  let lastPids: number[] = [];

  async function readByPid(pids: readonly number[]): Promise<Map<number, ProcessInfo[]>> {
    const chains = await readChains(pids);
    return new Map(pids.map((pid, index) => [pid, chains[index] ?? []]));
  }

  /** The agents whose process was started by the same client as the asking process; those of the nearest client. */
  async function findByProcesses(
    request: HookRequest,
    agents: HookAgent[],
    early: ReadonlyMap<number, ProcessInfo[]>,
  ): Promise<HookAgent[] | 'unknown'> {
    const local = agents.flatMap((agent) => (agent.isLocal && agent.pid ? [{ agent, pid: agent.pid }] : []));
    lastPids = local.slice(0, MAX_EARLY).map(({ pid }) => pid);
    const missing = local.flatMap(({ pid }) => (early.has(pid) ? [] : [pid]));
    const late = missing.length > 0 ? await readByPid(missing) : early;
    const asking = early.get(request.pid) ?? [];
    if (asking.length < 2) return 'unknown';
    const options = { calledAs: calledAs(request.client), anyDescendant: request.client === 'git' };
    let nearest = Number.POSITIVE_INFINITY;
    let found: HookAgent[] = [];
    for (const { agent, pid } of local) {
      const distance = findSharedClient(asking, early.get(pid) ?? late.get(pid) ?? [], options);
      if (distance === null || distance > nearest) continue;
      found = distance === nearest ? [...found, agent] : [agent];
      nearest = distance;
    }
    return found;
  }

  return {
    async find(request, whereabouts) {
      const session = request.session ?? null;
      const [agents, early, worktree] = await Promise.all([
        repository.listAgents(host, session),
        readByPid([request.pid, ...lastPids]),
        whereabouts,
      ]);
      const byProcesses = await findByProcesses(request, agents, early);
      const related = byProcesses === 'unknown' ? [] : sortByLikelihood(byProcesses, request, worktree);
      const bySession = session === null ? [] : agents.filter((agent) => agent.clientSession === session);
      const only = byProcesses === 'unknown' ? findOnly(agents, request, worktree) : null;
      const agent = related[0] ?? bySession[0] ?? only;
      if (!agent || session === null || agent.clientSession === session) return agent;
      const name = await repository.rememberSession(agent.id, session);
      onSession?.(agent.id, agent.client, session);
      return { ...agent, name: name ?? agent.name, clientSession: session };
    },
  };
}

/** Where processes can't be seen (Windows, a container): the only agent of this client in this worktree. */
function findOnly(agents: HookAgent[], request: HookRequest, worktree: string): HookAgent | null {
  const fitting = agents.filter(
    (agent) => agent.worktree === worktree && hasClientName(agent, request.client) && agent.clientSession === null,
  );
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

/** One client may have several connections: of several windows, or an old one that has not ended yet. Best first. */
export function sortByLikelihood(agents: HookAgent[], request: HookRequest, worktree: string): HookAgent[] {
  const score = (agent: HookAgent) =>
    (request.session !== undefined && agent.clientSession === request.session ? 4 : 0) +
    (hasClientName(agent, request.client) ? 2 : 0) +
    (agent.worktree === worktree ? 1 : 0) +
    // Of the agents that one connection may have (docs/decisions/agents-by-handle.md), the one that is at work.
    (agent.sessions.length > 0 ? 0.5 : 0);
  // The sort is stable: among equals the newest stays first.
  return [...agents].sort((a, b) => score(b) - score(a));
}

export function hasClientName(agent: HookAgent, client: string): boolean {
  return agent.client.toLowerCase().includes(calledAs(client));
}

/** A hook of a newer version may have a client that this server does not know. */
export function calledAs(client: string): string {
  return findFormat(client)?.calledAs ?? client;
}
