import type { ClientSession } from '../../accountability/clients/call-ids.js';
import type { Member } from '../../actor/member.js';
import type { Services } from '../../mcp/services.js';
import type { Workplace } from '../../project/resolve-project.js';

/** Where an agent that connects by HTTP works, and what started it there. */
export interface MemberOrigin {
  agentId: string;
  /** Its project is known. */
  place: Workplace;
  /** Null for a client that connects without a bridge. */
  host: string | null;
  pid: number | null;
  terminal: string | undefined;
  clientSession: ClientSession | undefined;
}

/** The services of one agent: its row says whose it is and on which machine, and its project is not looked for. */
export function servicesOf(services: Services, member: Member, { place, host, pid }: MemberOrigin): Services {
  return {
    ...services,
    identity: {
      ...services.identity,
      settle: async (workplace) => ({ workplace, question: null, lacksHistory: false }),
    },
    agents: {
      ...services.agents,
      connect: (project, row) =>
        services.agents.connect(project, {
          ...row,
          host,
          pid,
          pidStart: null,
          branch: place.member?.branch ?? null,
          member,
        }),
      heartbeat: (agentId) => services.agents.heartbeat(agentId, place.member?.branch ?? null),
    },
  };
}
