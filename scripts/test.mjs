// @ts-check
// npm test [-- vitest's arguments]: all tests, from a machine with Node alone. Finds PostgreSQL, pgvector and Redis or
// installs them, builds dist/, and runs vitest, whose global setup starts private servers for the run.
import { run, runVitest } from './run-vitest.mjs';
import { requireServices } from './services/require-services.mjs';

try {
  const runtime = requireServices();
  const where = runtime.kind === 'local' ? `${runtime.postgresBin}, ${runtime.redisServer}` : runtime.postgresImage;
  console.log(`services: ${where}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
}

const built = await run(process.execPath, ['scripts/build.mjs']);
if (built !== 0) {
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(built);
}
process.exitCode = await runVitest(process.argv.slice(2));
