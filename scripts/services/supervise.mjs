// @ts-check
// Runs the services of one test run or benchmark for as long as the process that asked for them lives.
// Started by start-supervised.mjs; not a command. Its stdin is the leash: at its end, also after a kill -9 of the
// owner, everything is stopped, and whatever process of the run is left over is ended.
import { endMarkedProcesses } from './marked-processes.mjs';
import { requireServices } from './require-services.mjs';
import { startPostgres } from './start-postgres.mjs';
import { startRedis } from './start-redis.mjs';

const { durable, marker } = JSON.parse(process.argv[2] ?? '{}');
const runtime = requireServices();
const postgres = await startPostgres(runtime, { durable });
const redis = await startRedis(runtime);

let ending = false;
async function end() {
  if (ending) return;
  ending = true;
  if (marker) endMarkedProcesses(marker);
  await Promise.allSettled([postgres.close(), redis.close()]);
  process.exit(0);
}

process.on('SIGTERM', end);
process.on('SIGINT', end);
process.stdin.on('end', end).on('error', end).resume();
process.stdout.on('error', end);
process.stdout.write(`${JSON.stringify({ runtime, databaseUrl: postgres.url, redisUrl: redis.url })}\n`);
