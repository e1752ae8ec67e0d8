import { hostname } from 'node:os';
import { createTaskLinks } from '../accountability/linking/task-links.js';
import { openPrices } from '../accountability/prices/open-prices.js';
import { createTranscriptReader } from '../accountability/reader/create-transcript-reader.js';
import { openTogether } from '../async/closer.js';
import { type Config, LIMITS } from '../config.js';
import { holdLivenessLock } from '../db/hold-liveness-lock.js';
import { createCommonWords } from '../embedding/common-words.js';
import { findModel } from '../embedding/model-store.js';
import { listenForHooks } from '../ipc/listen-for-hooks.js';
import { jobs } from '../jobs/job-list.js';
import type { Logger } from '../logger.js';
import type { Services } from '../mcp/services.js';
import { createRemoteQueryEmbedder } from '../memory/search/query-embedder.js';
import { createSearch } from '../memory/search/search.js';
import type { ProjectIdentities } from '../project/project-identities.js';
import type { Workplace } from '../project/resolve-project.js';
import { createProducer } from '../queue/producer.js';
import { createTelemetry } from '../telemetry/create-telemetry.js';
import { createServices } from './create-services.js';
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
    const { pool, backend } = database;
    const producer = createProducer({ jobs, backend, logger, telemetry, requests: ['query-embedding'] });
    closer.add('producer', producer.close);
    producer.warm();
    const queryEmbedder = createRemoteQueryEmbedder(
      (text, waitMs) => producer.request('query-embedding', { text, deadline: Date.now() + waitMs }, waitMs),
      LIMITS.queryDeadlineMs,
    );
    closer.add('query embedder', queryEmbedder.close);
    const commonWords = createCommonWords(findModel(config.packageRoot));
    const search = createSearch({ pool, queryEmbedder, commonWords, metrics: telemetry.metrics });
    const { lockLifeSeconds, timezone } = config;
    const book = await openPrices(config.pricesFile, logger);
    const links = createTaskLinks({ pool, logger });
    closer.add('links of tasks', links.flush, CLOSE_MS);
    const { dataDir, version, clientPlaces: environment } = config;
    const onRecorded = () => producer.enqueue('cost-rollup', {});
    const transcripts = createTranscriptReader({
      pool,
      book,
      metrics: telemetry.metrics,
      environment,
      identities,
      host: hostname(),
      logger,
      onRecorded,
      costDays: config.costDays,
    });
    const reader = linkReader({ dataDir, databaseUrl: connectionString, version, logger });
    closer.add('link to the reader', reader.close);
    const parts = {
      identities,
      isShared: true,
      pool,
      producer,
      search,
      telemetry,
      signals,
      livenessLock,
      lockLifeSeconds,
      book,
      timezone,
      links,
    };
    const services = createServices({ ...parts, transcripts, orderReading: reader.order });
    const { answer } = services.guard;
    const hooks = await listenForHooks({ dataDir, workplace, identities, answer, logger }).catch((error: unknown) =>
      logger.warn({ err: error }, 'hooks can not reach this front'),
    );
    if (hooks) closer.add('hook listener', hooks.close);
    return { services };
  });
}
