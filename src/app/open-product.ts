import { hostname } from 'node:os';
import type { Pool } from 'pg';
import { createTaskLinks } from '../accountability/linking/task-links.js';
import { openPrices } from '../accountability/prices/open-prices.js';
import type { PriceBook } from '../accountability/prices/price-book.js';
import { createTranscriptReader } from '../accountability/reader/create-transcript-reader.js';
import type { Closer } from '../async/closer.js';
import { collectGarbage } from '../async/collect-garbage.js';
import { type Config, LIMITS } from '../config.js';
import type { Signals } from '../db/signal-types.js';
import { createCommonWords } from '../embedding/common-words.js';
import { createEmbedder } from '../embedding/create-embedder.js';
import type { Embedder } from '../embedding/embedding-types.js';
import { startModelProcess } from '../embedding/model-host.js';
import { findModel } from '../embedding/model-store.js';
import { type JobProducer, jobs } from '../jobs/job-list.js';
import type { Logger } from '../logger.js';
import type { Services } from '../mcp/services.js';
import { holdProjects } from '../memory/passage-index/hold-projects.js';
import { createLocalQueryEmbedder } from '../memory/search/query-embedder.js';
import { createSearch } from '../memory/search/search.js';
import type { Search } from '../memory/search/search-types.js';
import type { ProjectIdentities } from '../project/project-identities.js';
import type { JobList } from '../queue/define-job.js';
import { createProducer } from '../queue/producer.js';
import { startJobs } from '../queue/start-job.js';
import type { OpenReports } from '../reports/report-types.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';
import { createServices } from './create-services.js';
import type { OpenDatabase } from './storage/open-server-database.js';

export interface Product {
  services: Services;
  search: Search;
  embedder: Embedder;
  producer: JobProducer;
  book: PriceBook;
}

export interface ProductParts extends OpenDatabase {
  telemetry: Telemetry;
  signals: Signals;
  reports?: OpenReports;
  backUp?: Services['backUp'];
  checkStore?: Services['checkStore'];
  /** The jobs that this process runs. */
  runs: JobList;
  /** For the statements of jobs, where these yield to calls. */
  background?: Pool;
  identities: ProjectIdentities;
}

/** Finishing what the jobs have under way may take this long, in ms. */
const CLOSE_JOBS_MS = 10_000;

/**
 * The product with its model in the same process, on a database that is open: what the local server and the evaluation
 * share. Queries reach the model directly, passages through the queue.
 */
export async function openProduct(
  config: Config,
  logger: Logger,
  closer: Closer,
  { runs, backend, background, ...parts }: ProductParts,
): Promise<Product> {
  const { pool, telemetry } = parts;
  const embedder = createEmbedder({
    modelDir: findModel(config.packageRoot),
    delayMs: config.modelDelayMs,
    runtime: config.modelRuntime,
    logger,
    startHost: startModelProcess,
    restMs: config.modelRestMinutes * 60_000,
    onRest: collectGarbage,
  });
  closer.add('model', embedder.close);
  const producer = createProducer({ jobs, backend, logger, telemetry });
  closer.add('producer', producer.close);
  const book = await openPrices(config.pricesFile, logger);
  const transcripts = createTranscriptReader({
    pool,
    book,
    metrics: telemetry.metrics,
    environment: config.clientPlaces,
    identities: parts.identities,
    host: hostname(),
    logger,
    costDays: config.costDays,
    onRecorded: () => producer.enqueue('cost-rollup', {}),
  });
  const { mode, activityDays, costDays } = config;
  const resources = { pool: background ?? pool, embedder, mode, activityDays, costDays, transcripts };
  const running = await startJobs(runs, { resources, backend, logger, telemetry });
  closer.add('jobs', running.close, CLOSE_JOBS_MS);
  const queryEmbedder = createLocalQueryEmbedder(embedder, {
    deadlineMs: LIMITS.queryDeadlineMs,
    wakeMs: LIMITS.modelWakeMs,
  });
  closer.add('query embedder', queryEmbedder.close);
  const commonWords = createCommonWords(findModel(config.packageRoot));
  const held = config.mode === 'embedded' ? holdProjects({ pool, signals: parts.signals, logger }) : undefined;
  if (held) closer.add('passages in memory', held.close);
  const search = createSearch({ pool, queryEmbedder, commonWords, metrics: telemetry.metrics, ...(held && { held }) });
  const { lockLifeSeconds, timezone } = config;
  const links = createTaskLinks({ pool, logger });
  closer.add('links of tasks', links.flush);
  const services = createServices({
    ...parts,
    word: config.word,
    producer,
    search,
    lockLifeSeconds,
    isShared: config.mode === 'server',
    book,
    timezone,
    links,
    transcripts,
    orderReading: (order) => producer.enqueue('read-transcripts', order),
  });
  return { services, search, embedder, producer, book };
}
