import type { AgentRow } from '../../coordination/agents/connect-agent.js';
import type { Logger } from '../../logger.js';
import type { Services } from '../services.js';
import { type AgentPresence, createAgentPresence } from './agent-presence.js';
import type { ServiceAccess } from './await-services.js';
import type { WorkplaceFinder } from './find-workplace.js';
import { createNoticeBox, type NoticeBox } from './notice-box.js';

/** An agent that calls over a connection. */
export interface Caller {
  agentId: string;
  presence: AgentPresence;
  notices: NoticeBox;
  /** Listens from now on for what concerns it. */
  listen(services: Services): void;
  /** Ends the agent. Never rejects. */
  end(reason: string): Promise<void>;
  /** Lets go of the agent, which goes on elsewhere. */
  leave(): void;
}

export interface CallerDeps {
  workplace: WorkplaceFinder;
  access: ServiceAccess;
  /** The agent's row as it is known when it is written. */
  describe: () => Omit<AgentRow, 'id' | 'branch'>;
  /** The agent was ended elsewhere; without it, a sign of life makes it known again. */
  onEnded?: () => void;
  /** Other processes may serve the agent too: it ends with the last of them. */
  isShared?: boolean;
  logger: Logger;
}

export function openCaller(agentId: string, deps: CallerDeps): Caller {
  const { workplace, access, logger } = deps;
  const notices = createNoticeBox(agentId, () => workplace.current().id, logger);
  const presence = createAgentPresence({
    agentId,
    workplace,
    describe: deps.describe,
    ready: access.open,
    onReturn: notices.suspect,
    onEnded: deps.onEnded,
    isShared: deps.isShared ?? false,
    logger,
  });
  return {
    agentId,
    presence,
    notices,
    listen(services) {
      notices.listen(services);
      presence.listen(services);
    },
    async end(reason) {
      notices.close();
      await presence.end(reason);
    },
    leave() {
      notices.close();
      presence.stop();
    },
  };
}
