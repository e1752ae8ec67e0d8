import { join } from 'node:path';
import { openStoreReader } from '../accountability/reader/read-passes.js';
import type { TranscriptReader } from '../accountability/reader/reader-types.js';
import type { Environment } from '../config.js';
import { nameReader } from '../ipc/socket-path.js';
import type { Logger } from '../logger.js';
import { openFilePositions } from './file-positions.js';
import { openMember } from './open-member.js';
import { createTeamStore } from './team-usage-store.js';

/** Reads what clients on this machine have used into the ledger of the team. @throws AppError for settings that are missing */
export function openTeamReader(env: Environment, logger: Logger): TranscriptReader {
  const { config, team, identities, shared } = openMember(env);
  const { dataDir, clientPlaces: environment } = config;
  const positions = openFilePositions(join(dataDir, `${nameReader(team.url)}.json`));
  return openStoreReader({
    environment,
    logger,
    openStore: () => createTeamStore({ team, identities, shared, positions }),
    onRecorded: () => undefined,
  });
}
