// The local server searches in its own memory: what is forgotten, edited, restored or imported is right in the next answer.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { runCommand } from '../../support/processes/processes.js';
import { createDataFolder, createFolder } from '../../support/setup/folders.js';

const cwd = createFolder();
const env = { POPSTASH_DATA_DIR: createDataFolder() };
let client: TestClient;

interface Found {
  results: { insight_id?: string; content: string }[];
}

async function run(args: string[], more: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await runCommand(args, { env: { ...env, ...more }, cwd });
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

const save = async (content: string) => (await client.call<{ insight_id: string }>('insight', { content })).insight_id;
const recall = async (query: string) => (await client.call<Found>('recall', { query })).results;

beforeAll(async () => {
  client = await connectClient({ env, cwd, clientName: 'Ada' });
  await save('The deploy of the shop needs a maintenance window');
  // The first search has the project read.
  await recall('deploy window');
  await recall('deploy window');
});

test('what is forgotten is gone, and what is restored is back', async () => {
  const id = await save('The quagga service restarts at noon');
  expect(await recall('quagga service')).toMatchObject([{ insight_id: id }]);
  await run(['forget', id]);
  expect(await recall('quagga service')).toEqual([]);
  await run(['restore', id]);
  expect(await recall('quagga service')).toMatchObject([{ insight_id: id }]);
});

test('what is edited is found by its new words alone', async () => {
  const id = await save('The walrus cluster has four machines');
  expect(await recall('walrus')).toHaveLength(1);
  const script = join(createFolder(), 'editor.sh');
  writeFileSync(script, `sed -i 's/walrus/narwhal/' "$1"\n`);
  await run(['edit', id], { EDITOR: `sh ${script}` });
  expect(await recall('walrus')).toEqual([]);
  expect(await recall('narwhal')).toMatchObject([{ content: 'The narwhal cluster has four machines' }]);
});

test('what is imported is found, and what is undone is gone', async () => {
  const elsewhere = { env: { POPSTASH_DATA_DIR: createDataFolder() }, cwd };
  const stranger = await connectClient({ ...elsewhere, clientName: 'Bea' });
  await stranger.call('insight', { content: 'The ocelot queue is drained before each release' });
  const file = join(createFolder(), 'memories.jsonl');
  writeFileSync(file, (await runCommand(['export'], elsewhere)).stdout);
  expect(await recall('ocelot')).toEqual([]);
  await run(['import', file]);
  expect(await recall('ocelot')).toHaveLength(1);
  await run(['import', '--undo']);
  expect(await recall('ocelot')).toEqual([]);
});

test('another project of the same server finds none of it', async () => {
  const other = await connectClient({ env, cwd: createFolder(), clientName: 'Bea' });
  for (let i = 0; i < 2; i++) {
    const { results } = await other.call<Found>('recall', { query: 'deploy window' });
    expect(results).toEqual([]);
  }
});
