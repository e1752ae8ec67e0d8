// @ts-check
// npm run services: a private PostgreSQL and Redis for trying server mode by hand, until Ctrl-C. Their data is deleted.

import { once } from 'node:events';
import { startSupervised } from './services/start-supervised.mjs';

const services = await startSupervised();
console.log(`export DATABASE_URL=${services.databaseUrl} REDIS_URL=${services.redisUrl}`);
console.error(
  'PostgreSQL and Redis run until Ctrl-C. In another terminal: paste the line above, then popstash migrate.',
);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await services.stop();
