import { openTogether } from '../async/closer.js';
import type { Config } from '../config.js';
import { holdLivenessLock } from '../db/hold-liveness-lock.js';
import { listenForHooks } from '../ipc/listen-for-hooks.js';
import type { Logger } from '../logger.js';
import type { Services } from '../mcp/services.js';
import type { ProjectIdentities } from '../project/project-identities.js';
import type { Workplace } from '../project/resolve-project.js';
import { createTelemetry } from '../telemetry/create-telemetry.js';
import { openServerDomain } from './open-server-domain.js';
import { linkReader } from './reader/link-reader.js';
import { openServerDatabase } from './storage/open-server-database.js';

/** The process ends soon after its client (CLOSE_TIMEOUT_MS in run-front.ts): a database that is away may not hold it up. */
const CLOSE_MS = 300;

export interface Front {
  services: Services;
  close(): Promise<void>;
}

/** Where a front's agent works. */
export interface FrontPlace {
  workplace: Workplace;
  identities: ProjectIdentities;
}

/**
 * What a front process of server mode has open: PostgreSQL, the queue, a worker's model behind a deadline, and a socket
 * for the hooks of its project.
 * @param agentId the process's one agent, whose liveness lock it holds from now on
 */
export function openFront(
  config: Config,
  agentId: string,
  { workplace, identities }: FrontPlace,
  logger: Logger,
): Promise<Front> {
  return openTogether(logger, async (closer) => {
    const connectionString = config.databaseUrl ?? '';
    const { livenessLock, ...signals } = holdLivenessLock({ connectionString, agentId, logger });
    closer.add('signals', signals.close, CLOSE_MS);
    const telemetry = await createTelemetry(config, logger);
    closer.add('telemetry', telemetry.close);
    const database = await openServerDatabase(config, logger, closer, { name: 'front', closeMs: CLOSE_MS, telemetry });
    const { dataDir, version } = config;
    const reader = linkReader({ dataDir, store: connectionString, version, logger });
    closer.add('link to the reader', reader.close);
    const { services } = await openServerDomain(config, logger, closer, {
      ...database,
      telemetry,
      signals,
      livenessLock,
      identities,
      orderReading: reader.order,
      closeMs: CLOSE_MS,
    });
    const { answer } = services.guard;
    const hooks = await listenForHooks({ dataDir, workplace, identities, answer, logger }).catch((error: unknown) =>
      logger.warn({ err: error }, 'hooks can not reach this front'),
    );
    if (hooks) closer.add('hook listener', hooks.close);
    return { services };
  });
}
