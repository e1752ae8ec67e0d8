import type { Telemetry } from '../../telemetry/telemetry-types.js';
import type { Project } from '../projects/resolve-project.js';
import type { AgentRepository, AgentRow } from './agent-repository.js';

export type AgentsService = ReturnType<typeof createAgentsService>;

/** An agent is a connection: its row begins when the client has initialised and ends with its pipe. */
export function createAgentsService(deps: { repository: AgentRepository; telemetry: Telemetry }) {
  const { repository, telemetry } = deps;
  return {
    connect: (project: Project, agent: AgentRow) =>
      telemetry.withSpan('pop_stash.agent.connect', { 'agent.id': agent.id, 'agent.name': agent.name }, () =>
        repository.connect(project, agent),
      ),
    heartbeat: (agentId: string) => repository.heartbeat(agentId),
    disconnect: (agentId: string, reason: string) =>
      telemetry.withSpan('pop_stash.agent.disconnect', { 'agent.id': agentId, reason }, () =>
        repository.disconnect(agentId, reason),
      ),
  };
}
