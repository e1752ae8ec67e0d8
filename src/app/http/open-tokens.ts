import { createCloser } from '../../async/closer.js';
import type { Environment } from '../../config.js';
import { AppError } from '../../errors.js';
import { createTokenRepository, type TokenRepository } from '../../http/access/token-repository.js';
import { createLogger } from '../../logger.js';
import { parseConfig } from '../../parse-config.js';
import { createTelemetry } from '../../telemetry/create-telemetry.js';
import { maskLogLine } from '../../text/mask-log-line.js';
import { openServerDatabase } from '../storage/open-server-database.js';

/** Works on the access tokens of a team's server, by its database. @throws AppError without DATABASE_URL */
export async function withTokens<T>(env: Environment, work: (tokens: TokenRepository) => Promise<T>): Promise<T> {
  const config = parseConfig(env);
  if (!config.databaseUrl) {
    throw new AppError({
      code: 'invalid_argument',
      message: "DATABASE_URL is not set: tokens are rows of a team's database.",
      fix: "Run it where the server runs, with the server's DATABASE_URL; in the compose stack: docker compose exec http popstash tokens …",
    });
  }
  const logger = createLogger(config.logLevel, 'tokens', maskLogLine);
  const closer = createCloser(logger);
  try {
    const telemetry = await createTelemetry(config, logger);
    closer.add('telemetry', telemetry.close);
    const { pool } = await openServerDatabase(config, logger, closer, { name: 'tokens', poolSize: 2, telemetry });
    return await work(createTokenRepository(pool));
  } finally {
    await closer.close();
  }
}
