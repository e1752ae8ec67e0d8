import { startWorker } from '../processes/processes.js';
import { startRedis } from '../processes/servers.js';
import { createTestDatabase } from '../setup/database.js';
import type { EnvironmentChange } from '../setup/environment.js';
import { createDataFolder } from '../setup/folders.js';

/** The ways to run the product, with what its clients need in their environment. */
export const MEMORY_MODES: { mode: string; start: (extra?: EnvironmentChange) => Promise<EnvironmentChange> }[] = [
  {
    mode: 'server',
    async start(extra = {}) {
      const [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
      const env = { ...extra, DATABASE_URL: database.url, REDIS_URL: redis.url };
      await startWorker('embedding', env);
      return env;
    },
  },
  { mode: 'embedded', start: async (extra = {}) => ({ ...extra, POPSTASH_DATA_DIR: createDataFolder() }) },
];
