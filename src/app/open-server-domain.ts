import { hostname } from 'node:os';
import type { FolderOrigin } from '../accountability/ledger/entry-row.js';
import { recordUsage } from '../accountability/ledger/record-usage.js';
import { createTaskLinks } from '../accountability/linking/task-links.js';
import { openPrices } from '../accountability/prices/open-prices.js';
import { createTranscriptReader } from '../accountability/reader/create-transcript-reader.js';
import type { ReadOrder } from '../accountability/reader/reader-types.js';
import type { Closer } from '../async/closer.js';
import { type Config, LIMITS } from '../config.js';
import type { LivenessLock } from '../db/hold-liveness-lock.js';
import type { Signals } from '../db/signal-types.js';
import { createCommonWords } from '../embedding/common-words.js';
import { findModel } from '../embedding/model-store.js';
import type { RecordUsage } from '../http/answer-member.js';
import { jobs } from '../jobs/job-list.js';
import type { Logger } from '../logger.js';
import type { Services } from '../mcp/services.js';
import { createRemoteQueryEmbedder } from '../memory/search/query-embedder.js';
import { createSearch } from '../memory/search/search.js';
import type { ProjectIdentities } from '../project/project-identities.js';
import { identifyProject } from '../project/resolve-project.js';
import { createProducer } from '../queue/producer.js';
import type { OpenReports } from '../reports/report-types.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';
import { createServices } from './create-services.js';
import type { OpenDatabase } from './storage/open-server-database.js';

export interface ServerDomainParts extends OpenDatabase {
  telemetry: Telemetry;
  signals: Signals;
  /** Where one agent is the whole process. */
  livenessLock?: LivenessLock;
  identities: ProjectIdentities;
  /** Has usage read by the process of this user that does so. */
  orderReading(order: ReadOrder): void;
  /** Where the command line asks this process for reports. */
  reports?: OpenReports;
  /** What may hold up the end, in ms. */
  closeMs: number;
}

export interface ServerDomain {
  services: Services;
  /** Records what was read on a member's machine. */
  recordUsage: RecordUsage;
}

/** What a process of server mode that serves agents has on its database and queue. It holds no model: a worker has one. */
export async function openServerDomain(
  config: Config,
  logger: Logger,
  closer: Closer,
  { backend, closeMs, ...parts }: ServerDomainParts,
): Promise<ServerDomain> {
  const { pool, telemetry, identities } = parts;
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
  const { lockLifeSeconds, timezone, clientPlaces: environment } = config;
  const book = await openPrices(config.pricesFile, logger);
  const links = createTaskLinks({ pool, logger });
  closer.add('links of tasks', links.flush, closeMs);
  const onRecorded = () => producer.enqueue('cost-rollup', {});
  const { metrics } = telemetry;
  const host = hostname();
  const transcripts = createTranscriptReader({
    pool,
    book,
    metrics,
    environment,
    identities,
    host,
    logger,
    onRecorded,
    costDays: config.costDays,
  });
  const services = createServices({
    ...parts,
    word: config.word,
    isShared: true,
    producer,
    search,
    lockLifeSeconds,
    book,
    timezone,
    links,
    transcripts,
  });
  return {
    services,
    async recordUsage(records, folders) {
      const locateFolder = async (cwd: string): Promise<FolderOrigin> => folders.get(cwd) ?? nowhere(cwd);
      const outcome = await recordUsage(pool, { book, locateFolder, metrics, costDays: config.costDays }, records);
      if (outcome.inserted + outcome.updated + outcome.merged > 0) onRecorded();
      return outcome;
    },
  };
}

/** A folder of which its member's machine says nothing. */
function nowhere(cwd: string): FolderOrigin {
  return { projectId: identifyProject(cwd), root: cwd, worktree: cwd };
}
