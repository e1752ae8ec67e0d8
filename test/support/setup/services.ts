import type { Runtime } from '../../../scripts/services/require-services.mjs';

/** How the global setup tells test files about the services: a JSON TestServices. */
export const SERVICES_VARIABLE = 'POPSTASH_TEST_SERVICES';
/** Set, to an id of the run, in every process that a test starts. */
export const RUN_MARKER = 'POPSTASH_TEST_RUN';
/** Set, to an id of the test file, in every process that the file starts. */
export const FILE_MARKER = 'POPSTASH_TEST_FILE';
export const TEMPLATE_DATABASE = 'popstash_template';

export interface TestServices {
  /** Superuser of the run's private cluster. */
  databaseUrl: string;
  /** The run's Redis, shared by all files: use startRedis() for one that may be hurt. */
  redisUrl: string;
  /** How to start more servers of the same kind. */
  runtime: Runtime;
}

/** @throws Error in a unit test: those have no services. */
export function testServices(): TestServices {
  const text = process.env[SERVICES_VARIABLE];
  if (!text) throw new Error('no services here: put the file under test/integration or test/e2e');
  return JSON.parse(text) as TestServices;
}
