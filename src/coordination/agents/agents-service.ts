import type { TaskLinks } from '../../accountability/linking/task-links.js';
import { LIMITS } from '../../config.js';
import type { LivenessLock } from '../../db/hold-liveness-lock.js';
import type { Carrier, Telemetry } from '../../telemetry/telemetry-types.js';
import type { AgentFacts } from '../../text/word-agent.js';
import type { AgentProcess, AgentRepository } from './agent-repository.js';
import type { AgentRow, Connected, ConnectedProject } from './connect-agent.js';
import { logEndSpans } from './end-spans.js';
import { gatherHeartbeats, type Heartbeat } from './gather-heartbeats.js';

export type AgentsService = ReturnType<typeof createAgentsService>;

export interface AgentsServiceDeps {
  repository: AgentRepository;
  telemetry: Telemetry;
  links: Pick<TaskLinks, 'taskEnded' | 'sessionKnown'>;
  /** An agent of this process has ended. */
  onDisconnected?: () => void;
  /** Of this process's agents, in server mode. */
  livenessLock?: LivenessLock | undefined;
}

/**
 * An agent that may hold locks has its liveness lock from the beginning: its first write waits this long for it, in ms.
 * After that only its heartbeat counts, until the lock is held.
 */
const LIVENESS_LOCK_MS = 1_000;

/** An agent is a connection: its row begins when the client has initialised and ends with its process. */
export function createAgentsService({
  repository,
  telemetry,
  livenessLock,
  links,
  onDisconnected = () => undefined,
}: AgentsServiceDeps) {
  const beat = gatherHeartbeats((beats) => repository.heartbeats(beats, LIMITS.openCallMinutes));

  async function connect(project: ConnectedProject, agent: AgentRow): Promise<Connected> {
    await livenessLock?.untilHeld(agent.id, LIVENESS_LOCK_MS);
    const held = livenessLock?.isHeld(agent.id) ?? false;
    const connected = await repository.connect(project, agent, held);
    // It was taken while the row was being written.
    if (!held && livenessLock?.isHeld(agent.id)) await livenessLock.record(agent.id);
    if (agent.clientSession !== null) links.sessionKnown(agent.id, agent.client, agent.clientSession);
    return connected;
  }

  async function disconnect(agentId: string, reason: string, connection?: Carrier): Promise<boolean> {
    const end = async () => {
      const ended = await repository.disconnect(agentId, reason);
      if (ended) logEndSpans(telemetry, ended);
      for (const { id } of ended?.sessions ?? []) links.taskEnded(id);
      if (ended) onDisconnected();
      return ended !== null;
    };
    const parent = connection === undefined ? {} : { parent: connection };
    return telemetry.withSpan('pop_stash.agent.disconnect', { 'agent.id': agentId, reason }, end, parent);
  }

  return {
    /** Makes an agent known, or active again. */
    connect: (project: ConnectedProject, agent: AgentRow): Promise<Connected> =>
      telemetry.withSpan(
        'pop_stash.agent.connect',
        { 'agent.id': agent.id, 'agent.client': agent.client },
        async (span) => {
          const connected = await connect(project, agent);
          span.set({ 'agent.name': connected.name });
          return connected;
        },
      ),

    /** Whether the agent's process is this one: another may have made it its own. */
    isAt: repository.isAt,

    /** What texts name these agents by; those that are not known any more are missing. */
    describe: (agentIds: readonly string[]): Promise<Map<string, AgentFacts>> => repository.describe(agentIds),

    /** A sign that the process lives; renews no lock. @param branch that is checked out where it works */
    heartbeat: (agentId: string, branch?: string | null): Promise<Heartbeat> =>
      beat({ agentId, branch: branch ?? null }),

    /**
     * A sign of life of an agent at work: renews the locks of these sessions and its own; without a session, all its
     * locks. False when the agent was declared disconnected: it has to connect again.
     */
    touch: (agentId: string, sessionIds: readonly string[]): Promise<boolean> => repository.touch(agentId, sessionIds),

    /** Agents that are connected, of all projects. */
    countActive: async (): Promise<number> => (await repository.listActive()).agents.length,

    /**
     * Frees all that the agent holds. False when it had ended before.
     * @param connection the trace in which the agent connected, where this process knows it
     */
    disconnect,

    /**
     * Ends what a server of this data folder left when it died: agents whose process lives no longer, at once. Those
     * that live are on their way to this server: `endMissing`, some seconds later, ends the ones that did not come.
     */
    async reconcile(isAlive: (process: AgentProcess) => boolean): Promise<{
      ended: number;
      endMissing(): Promise<number>;
    }> {
      const { agents, now } = await repository.listActive();
      const dead = agents.filter((agent) => !isAlive(agent));
      for (const { id } of dead) await disconnect(id, 'process_gone');
      const rest = agents.filter((agent) => !dead.includes(agent)).map(({ id }) => id);
      return {
        ended: dead.length,
        async endMissing() {
          const silent = await repository.listSilent(rest, now);
          for (const id of silent) await disconnect(id, 'not_returned');
          return silent.length;
        },
      };
    },
  };
}
