import { hostname } from 'node:os';
import { openPrices } from '../accountability/prices/open-prices.js';
import { createTranscriptReader } from '../accountability/reader/create-transcript-reader.js';
import type { TranscriptReader } from '../accountability/reader/reader-types.js';
import { createRecorder } from '../accountability/receiver/create-recorder.js';
import { type Closer, createCloser } from '../async/closer.js';
import { type Loop, repeat } from '../async/repeat.js';
import type { Config, Environment } from '../config.js';
import { takeLock } from '../data-folder/lock-folder.js';
import { AppError } from '../errors.js';
import { chooseReaderSocket, nameReader, readerLock } from '../ipc/socket-path.js';
import { readerLogPath } from '../ipc/start-server.js';
import { jobs } from '../jobs/job-list.js';
import { createLogger, type Logger } from '../logger.js';
import { parseConfig } from '../parse-config.js';
import { openProjectIdentities } from '../project/project-identities.js';
import { createProducer } from '../queue/producer.js';
import { createTelemetry } from '../telemetry/create-telemetry.js';
import { maskLogLine } from '../text/mask-log-line.js';
import { boundLog } from './bound-log.js';
import { endAtOnce } from './end-at-once.js';
import { startFileThreads } from './files/start-file-threads.js';
import { openReceiver } from './open-receiver.js';
import { acceptFronts } from './reader/accept-fronts.js';
import { createReadingOrders, type ReadingOrders } from './reader/reading-orders.js';
import { openServerDatabase } from './storage/open-server-database.js';

/** Between two looks at all files, in ms. */
const LOOK_MS = 60_000;
/** Pause after a look that failed, in ms. */
const RETRY_MS = 10_000;
/** All of ending takes no longer than this, in ms. */
const END_MS = 8_000;
/** Requests of clients' telemetry that are under way get this long to be written, in ms; clients send again what was not. */
const CLOSE_RECEIVER_MS = 2_000;
/** A batch may wait for those of other readers, in ms. */
const STATEMENT_TIMEOUT_MS = 30_000;
const POOL_SIZE = 3;

/** Opens what reads for a team. */
export type OpenTeamReader = (env: Environment, logger: Logger) => TranscriptReader;

/**
 * The reader of server mode and of a team's members, for the life of this process: workers, containers and the team's server do
 * not see the user's home, so one process of the user, for each data folder and database or server, reads clients' files. Ends
 * when told, or soon after the last front has ended.
 * @param openTeam used where POPSTASH_URL is set
 * @returns the exit code: 0 also when another one does this work, 1 after a failure
 * @throws AppError `invalid_argument` without DATABASE_URL and POPSTASH_URL
 */
export async function runReader(env: Environment, openTeam: OpenTeamReader): Promise<number> {
  const config = parseConfig(env);
  const { databaseUrl, dataDir, team } = config;
  const store = team?.url ?? databaseUrl;
  if (store === undefined) {
    throw new AppError({
      code: 'invalid_argument',
      message: 'DATABASE_URL is not set: in embedded mode the local server reads usage itself.',
      fix: 'Set DATABASE_URL, or leave it to popstash mcp, which starts what it needs.',
    });
  }
  const name = nameReader(store);
  const lock = takeLock(dataDir, readerLock(name));
  if (!lock) return 0;
  boundLog(readerLogPath(dataDir));
  const logger = createLogger(config.logLevel === 'warn' ? 'info' : config.logLevel, 'reader', maskLogLine);
  startFileThreads(logger);
  const closer = createCloser(logger);
  closer.add('lock', lock.release);
  const orders = team
    ? createReadingOrders({ transcripts: openTeam(env, logger), logger })
    : await openOrders(config, logger, closer);
  closer.add('reading', orders.close);
  const looks = lookAgainAndAgain(orders, logger);
  closer.add('looks', () => void looks.stop());
  const { promise: ended, end } = untilEnded(logger);
  const listener = await acceptFronts({
    path: chooseReaderSocket(dataDir, name),
    version: config.version,
    logger,
    onOrder: orders.order,
    // What the last turn has left behind is read first.
    onLastGone: () => orders.lookAtAll().catch((error: unknown) => logger.warn({ err: error }, 'usage was not read')),
    onEnd: end,
  });
  closer.add('listener', listener.close);
  await ended;
  setTimeout(() => endAtOnce(true), END_MS).unref();
  await closer.close();
  endAtOnce(false);
  return 0;
}

/** What reads, with its connections; they are closed by the closer. */
async function openOrders(config: Config, logger: Logger, closer: Closer): Promise<ReadingOrders> {
  const telemetry = await createTelemetry(config, logger, 'long');
  closer.add('telemetry', telemetry.close);
  const { pool, backend } = await openServerDatabase(config, logger, closer, {
    name: 'reader',
    poolSize: POOL_SIZE,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    telemetry,
  });
  const producer = createProducer({ jobs, backend, logger, telemetry });
  closer.add('producer', producer.close);
  const ledger = {
    pool,
    book: await openPrices(config.pricesFile, logger),
    identities: openProjectIdentities(config, logger),
    metrics: telemetry.metrics,
    costDays: config.costDays,
    onRecorded: () => producer.enqueue('cost-rollup', {}),
  };
  const receiver = await openReceiver(config, { record: createRecorder(ledger), logger });
  if (receiver) closer.add('receiver', receiver.close, CLOSE_RECEIVER_MS);
  const { clientPlaces: environment } = config;
  const transcripts = createTranscriptReader({ ...ledger, environment, host: hostname(), logger });
  return createReadingOrders({ transcripts, logger });
}

/** Files of which no front says anything are found by looking at all. */
function lookAgainAndAgain(orders: ReadingOrders, logger: Logger): Loop {
  return repeat(
    async () => {
      await orders.lookAtAll();
      return LOOK_MS;
    },
    (error) => {
      logger.warn({ err: error }, 'usage could not be read; trying again');
      return RETRY_MS;
    },
  );
}

/** Resolves at the first call of `end`, or at a signal. */
function untilEnded(logger: Logger): { promise: Promise<void>; end: (reason: string) => void } {
  let end: (reason: string) => void = () => undefined;
  const promise = new Promise<void>((resolve) => {
    end = (reason) => {
      logger.info({ reason }, 'ending');
      resolve();
    };
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end(signal));
  process.on('SIGHUP', () => undefined);
  return { promise, end: (reason) => end(reason) };
}
