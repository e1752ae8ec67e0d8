import { hostname } from 'node:os';
import type { AgentProcess } from '../coordination/agents/agent-repository.js';
import type { AgentsService } from '../coordination/agents/agents-service.js';
import { isRunning } from '../ipc/read-process.js';
import type { Logger } from '../logger.js';

/** Bridges notice at once that their server is gone, and come to the next one within this, in ms, if they come. */
const RETURN_MS = 5_000;

/**
 * Ends what the last server of the folder left, however it ended: agents whose bridge is gone before anybody is served,
 * those that do not come back a little later.
 */
export async function reconcileAgents(agents: AgentsService, logger: Logger): Promise<{ stop(): void }> {
  const { ended, endMissing } = await agents.reconcile(isAlive);
  if (ended > 0) logger.info({ agents: ended }, 'agents of the last server are gone');
  const timer = setTimeout(() => {
    endMissing().then(
      (silent) => silent > 0 && logger.info({ agents: silent }, 'agents of the last server did not come back'),
      (error: unknown) => logger.warn({ err: error }, 'agents of the last server were not looked after'),
    );
  }, RETURN_MS);
  timer.unref();
  return { stop: () => clearTimeout(timer) };
}

/** Unknown counts as alive: a host that changed its name, or a process of another user. */
function isAlive({ pid, host, pidStart }: AgentProcess): boolean {
  return pid === null || host !== hostname() || isRunning(pid, pidStart);
}
