import type { Environment } from '../config.js';
import { AppError } from '../errors.js';
import { createLogger } from '../logger.js';
import { parseConfig } from '../parse-config.js';
import { openProjectIdentities } from '../project/project-identities.js';
import { maskLogLine } from '../text/mask-log-line.js';
import { createPlaceSettler } from './settle-place.js';
import { openSharedPlaces } from './shared-places.js';
import { createTeamClient } from './team-client.js';

/** What a process on a member's machine works with. @throws AppError for settings that are missing */
export function openMember(env: Environment) {
  const config = parseConfig(env);
  if (!config.team) {
    throw new AppError({
      code: 'invalid_argument',
      message: 'POPSTASH_URL is not set.',
      fix: "Set it to your team's server, such as https://popstash.example.com, and POPSTASH_TOKEN to your token.",
    });
  }
  const team = createTeamClient(config.team, config.version);
  const { dataDir } = config;
  const logger = createLogger(config.logLevel, 'member', maskLogLine);
  // Ids belong to the server that gives them, as they do to a database.
  const identities = openProjectIdentities({ dataDir, databaseUrl: config.team.url }, logger);
  const shared = openSharedPlaces(dataDir, config.team.url);
  return { config, team, identities, shared, places: createPlaceSettler(identities, team, shared) };
}
