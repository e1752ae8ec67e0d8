import type { ProofOfLife } from '../../db/prove-life.js';
import type { Project } from '../../project/resolve-project.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import type { AgentRepository, AgentRow, Connected, Heartbeat } from './agent-repository.js';
import { logEndSpans } from './end-spans.js';

export type AgentsService = ReturnType<typeof createAgentsService>;

export interface AgentsServiceDeps {
  repository: AgentRepository;
  telemetry: Telemetry;
  /** Of this process's one agent, in server mode. */
  proof?: ProofOfLife | undefined;
}

/**
 * An agent that may hold locks proves its life from the beginning: its first write waits this long for that, in ms.
 * After that it counts on its heartbeat, until the proof comes.
 */
const PROOF_MS = 1_000;

/** An agent is a connection: its row begins when the client has initialised and ends with its process. */
export function createAgentsService({ repository, telemetry, proof }: AgentsServiceDeps) {
  async function connect(project: Project, agent: AgentRow): Promise<Connected> {
    await proof?.untilHeld(PROOF_MS);
    const proven = proof?.held() ?? false;
    const connected = await repository.connect(project, agent, proven);
    // It came while the row was being written.
    if (!proven && proof?.held()) await proof.record();
    return connected;
  }

  async function disconnect(agentId: string, reason: string): Promise<boolean> {
    return telemetry.withSpan('pop_stash.agent.disconnect', { 'agent.id': agentId, reason }, async () => {
      const ended = await repository.disconnect(agentId, reason);
      if (ended) await logEndSpans(telemetry, ended);
      return ended !== null;
    });
  }

  return {
    /** Makes an agent known, or active again. */
    connect: (project: Project, agent: AgentRow): Promise<Connected> =>
      telemetry.withSpan('pop_stash.agent.connect', { 'agent.id': agent.id, 'agent.name': agent.name }, () =>
        connect(project, agent),
      ),

    /** A sign that the process lives; renews no lock. */
    heartbeat: (agentId: string): Promise<Heartbeat> => repository.heartbeat(agentId),

    /**
     * A sign of life of an agent at work: renews the locks of these sessions and its own; without a session, all its
     * locks. False when the agent was declared gone: it has to connect anew.
     */
    touch: (agentId: string, sessionIds: readonly string[]): Promise<boolean> => repository.touch(agentId, sessionIds),

    /** Frees all that the agent holds. False when it had ended before. */
    disconnect,

    /**
     * Ends what a server of this data folder left when it died: agents whose process lives no longer, at once. Those
     * that live are on their way to this server: `settleRest`, some seconds later, ends the ones that did not come.
     */
    async settle(isAlive: (pid: number | null, host: string | null) => boolean): Promise<{
      ended: number;
      settleRest(): Promise<number>;
    }> {
      const { agents, now } = await repository.listActive();
      const dead = agents.filter(({ pid, host }) => !isAlive(pid, host));
      for (const { id } of dead) await disconnect(id, 'its process is gone');
      const rest = agents.filter((agent) => !dead.includes(agent)).map(({ id }) => id);
      return {
        ended: dead.length,
        async settleRest() {
          const silent = await repository.listSilent(rest, now);
          for (const id of silent) await disconnect(id, 'it did not come back');
          return silent.length;
        },
      };
    },
  };
}
