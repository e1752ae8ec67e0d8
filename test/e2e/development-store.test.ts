// An embedded store of the last development version: the server brings it up to date when it starts.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { migrateEmbedded } from '../../src/app/storage/migrate-embedded.js';
import { openPglite } from '../../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../../src/db/pglite/pglite-pool.js';
import { findPackage } from '../../src/package-root.js';
import { locateProject } from '../../src/project/locate-project.js';
import { identifyProject } from '../../src/project/resolve-project.js';
import { connectClient } from '../support/processes/client.js';
import { createDataFolder, createFolder } from '../support/setup/folders.js';

const OLD = join(findPackage().root, 'test', 'fixtures', 'migrations-0.1.0-dev');

test('a store with the six development migrations answers with what it holds', async () => {
  const [dataDir, cwd] = [createDataFolder(), createFolder()];
  const backend = await openPglite(join(dataDir, 'database'), { fsync: 'off' });
  const pool = new PglitePool(Promise.resolve(backend));
  await migrateEmbedded(pool, OLD);
  const { root } = locateProject(cwd, undefined);
  const id = identifyProject(root);
  await pool.query(
    (await readFile(join(OLD, 'rows.sql'), 'utf8')).replaceAll('proj_1', id).replace("'/home/me/app'", `'${root}'`),
  );
  await pool.end();
  await backend.close();

  const client = await connectClient({ env: { POPSTASH_DATA_DIR: dataDir }, cwd });
  expect(await client.call('pop', { query: 'auth' })).toMatchObject({ summary: 'second' });
  const { decisions } = await client.call<{ decisions: { decision: string }[] }>('get_decisions', { topic: 'cache' });
  expect(decisions.map(({ decision }) => decision)).toEqual(['Use nothing']);
  const { results } = await client.call<{ results: { insight_id: string }[] }>('recall', { query: 'PostgreSQL' });
  expect(results[0]).toMatchObject({ insight_id: 'insight_1' });
  // Held by an agent that does not come back: its lock goes to the next in the queue.
  expect(await client.call('acquire', { patterns: ['src/a.ts'], wait_seconds: 30 })).toMatchObject({
    acquired: [{ pattern: 'src/a.ts' }],
  });
  expect(await client.call('insight', { content: 'written after the change' })).toMatchObject({ version: 1 });
});
