import { join } from 'node:path';
import { openProjectIdentities } from '../../../src/project/project-identities.js';

/** Without records: the id of a project follows from its path. */
export const pathIdentities = openProjectIdentities(
  { dataDir: join(import.meta.dirname, 'no such folder'), databaseUrl: undefined },
  { warn: () => undefined },
);
