import type { ClientSession } from '../../accountability/clients/call-ids.js';
import type { Member } from '../../actor/member.js';
import { AppError } from '../../errors.js';
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
  /** Of a command: which agents' clients it may be run by, as `MemberAsk` has it. */
  related?: ReadonlyMap<number, number> | null | undefined;
}

/**
 * The services of one agent, or of a command of a member: its row says whose it is and on which machine, its project is not
 * looked for, and nothing of this machine's files and processes is shown or changed.
 */
export function servicesOf(services: Services, member: Member, origin: MemberOrigin): Services {
  const { place, host, pid, related } = origin;
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
    guard: {
      ...services.guard,
      // A process of the member's machine.
      findCaller: async () => {
        if (host === null || related === undefined) return null;
        return await services.guard.findMemberCaller({ memberId: member.id, host, here: place, related });
      },
    },
    transcripts: { readAll: refuseHere, readOrder: refuseHere },
    upkeep: { ...services.upkeep, reprice: refuseHere, rollUp: refuseHere, rebuildRollups: refuseHere },
    backUp: null,
    checkStore: null,
  };
}

/** What a member may not do by HTTP: it reads files of the server, or holds up its database. */
async function refuseHere(): Promise<never> {
  throw new AppError({
    code: 'invalid_argument',
    message: "A team's server does not do this for its members.",
    fix: 'Who runs the server does it there: the command line with its DATABASE_URL.',
  });
}
