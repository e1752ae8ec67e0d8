// REDIS_URL as people get it wrong: the form is told, the password in it is not.
import { describe, expect, test } from 'vitest';
import { runCommand, startWorker } from '../support/processes/processes.js';
import { startRedis } from '../support/processes/servers.js';
import { createTestDatabase } from '../support/setup/database.js';
import { createFolder } from '../support/setup/folders.js';

const PASSWORD = 'plum.orchard.dusk';

describe('REDIS_URL', () => {
  test.each([
    ['Sentinels without a name of a master', `redis+sentinel://:${PASSWORD}@127.0.0.1:26379`, /^should be redis:/],
    ['Redis Cluster', `redis+cluster://:${PASSWORD}@127.0.0.1:6379`, /^Redis Cluster is not supported/],
  ])('%s: a worker ends with the right form', async (_, url, message) => {
    const env = { DATABASE_URL: 'postgres://127.0.0.1:1/none', REDIS_URL: url };
    const { code, stdout, stderr } = await runCommand(['worker', 'embedding'], { env, cwd: createFolder() });
    expect(code).not.toBe(0);
    expect(stderr.replace(/^.*REDIS_URL is not usable: /s, '')).toMatch(message);
    expect(stderr).toContain('redis+sentinel://[user:password@]host1[:26379],host2[:26379]/master[/db]');
    expect(stdout + stderr).not.toContain(PASSWORD);
  });

  test('a password that Redis refuses is in no log, at no level', async () => {
    const [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
    await redis.command('CONFIG', 'SET', 'requirepass', 'another');
    const url = redis.url.replace('://', `://:${PASSWORD}@`);
    const env = { DATABASE_URL: database.url, REDIS_URL: url, POPSTASH_LOG_LEVEL: 'trace' };
    const worker = await startWorker('maintenance', env);
    await worker.untilStderr(/WRONGPASS.*Redis is away/);
    await worker.untilStderr(/WRONGPASS.*consumer error/);
    worker.kill('SIGKILL');
    await worker.exited;
    expect(worker.stderr()).not.toContain(PASSWORD);
  });
});
