import { hostname } from 'node:os';
import { openPrices } from '../accountability/prices/open-prices.js';
import { createTranscriptReader } from '../accountability/reader/create-transcript-reader.js';
import { openTogether } from '../async/closer.js';
import type { Config } from '../config.js';
import { translateDatabaseError } from '../db/faults/translate-error.js';
import { createPool } from '../db/pool.js';
import { listMigrations } from '../db/read-migrations.js';
import { createSchemaInspection } from '../db/server/inspect-schema.js';
import type { Logger } from '../logger.js';
import { type LedgerAnswering, ledgerAnswers } from '../mcp/admin/answer-ledger-requests.js';
import {
  type LedgerAnswer,
  type LedgerRequest,
  type LedgerRequestName,
  ledgerRequests,
} from '../mcp/admin/ledger-protocol.js';
import type { ProjectIdentities } from '../project/project-identities.js';
import { createLedgerServices } from './create-ledger-services.js';

/** A person waits for figures, in ms. */
const ANSWER_TIMEOUT_MS = 30_000;
/** Correcting all roll-ups reads the whole ledger, in ms. */
const UPKEEP_TIMEOUT_MS = 60 * 60_000;
const MAX_CONNECTIONS = 3;

export interface ServerLedger {
  /** @throws AppError as the request's answer says it, or `database_unavailable` */
  ask<Name extends LedgerRequestName>(
    name: Name,
    params: unknown,
    options: Pick<LedgerAnswering, 'signal' | 'onProgress'>,
  ): Promise<LedgerAnswer<Name>>;
  close(): Promise<void>;
}

/**
 * The ledger and the timeline of server mode, for one command: a front process would give up long statements, and may do
 * so, since an agent waits for it.
 * @param isUpkeep statements may take long
 */
export function openServerLedger(
  config: Config,
  { projectId, identities }: { projectId: string; identities: ProjectIdentities },
  logger: Logger,
  isUpkeep: boolean,
): Promise<ServerLedger> {
  return openTogether(logger, async (closer) => {
    const pool = createPool({
      connectionString: config.databaseUrl ?? '',
      size: MAX_CONNECTIONS,
      logger,
      statementTimeoutMs: isUpkeep ? UPKEEP_TIMEOUT_MS : ANSWER_TIMEOUT_MS,
      applicationName: 'popstash-ledger',
      inspect: createSchemaInspection(listMigrations(config.packageRoot)),
    });
    closer.add('database', () => pool.end());
    const book = await openPrices(config.pricesFile, logger);
    const { clientPlaces: environment, timezone } = config;
    // What was read is added up by the command itself.
    const onRecorded = () => undefined;
    const transcripts = createTranscriptReader({
      pool,
      book,
      environment,
      identities,
      host: hostname(),
      logger,
      onRecorded,
      costDays: config.costDays,
    });
    const services = createLedgerServices({ pool, book, timezone, transcripts });
    return {
      async ask<Name extends LedgerRequestName>(
        name: Name,
        params: unknown,
        options: Pick<LedgerAnswering, 'signal' | 'onProgress'>,
      ) {
        const { request } = ledgerRequests[name];
        const message = request.parse({ method: request.shape.method.value, params }) as LedgerRequest<Name>;
        try {
          return await ledgerAnswers[name]({ services, project: { id: projectId }, ...options }, message);
        } catch (error) {
          throw translateDatabaseError(error);
        }
      },
    };
  });
}
