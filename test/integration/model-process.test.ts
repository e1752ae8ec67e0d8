// The model in a process of its own: it rests without a failed call, and whoever kills it fails no later one.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createEmbedder } from '../../src/embedding/create-embedder.js';
import type { Embedder } from '../../src/embedding/embedding-types.js';
import { type ModelHost, type StartModelHost, startModelProcess } from '../../src/embedding/model-host.js';
import { findModel } from '../../src/embedding/model-store.js';
import { buildModelThread } from '../support/setup/build-script.js';

const REST_MS = 150;

let threadFile: string;
let embedder: Embedder;
let hosts: { host: ModelHost; ended: Promise<number> }[];

/** As startModelProcess; tells of each process. */
const watched: StartModelHost = (settings, events) => {
  let onEnded: (code: number) => void;
  const ended = new Promise<number>((resolve) => {
    onEnded = resolve;
  });
  const host = startModelProcess(settings, {
    ...events,
    onExit(code) {
      events.onExit(code);
      onEnded(code);
    },
  });
  hosts.push({ host, ended });
  return host;
};

beforeAll(async () => {
  threadFile = await buildModelThread();
});

beforeEach(() => {
  hosts = [];
  embedder = createEmbedder({
    modelDir: findModel(),
    delayMs: 0,
    logger: pino({ level: 'silent' }),
    threadFile,
    startHost: watched,
    restMs: REST_MS,
  });
});

afterEach(async () => {
  await embedder.close();
});

it('rests when nothing is asked, ends its process, and gives the same vector after it', async () => {
  const [before] = await embedder.embed(['the cache is stale'], 'query');
  expect(embedder.isWaking()).toBe(false);
  expect(await hosts[0]?.ended).toBe(0);
  expect(embedder.isWaking()).toBe(true);
  expect(await embedder.embed(['the cache is stale'], 'query')).toEqual([before]);
  expect(hosts).toHaveLength(2);
  expect(embedder.isWaking()).toBe(false);
});

it('never fails a call, whenever it comes: calls around the moment of rest', async () => {
  for (let pause = REST_MS - 30; pause <= REST_MS + 30; pause += 15) {
    await embedder.embed([`before ${pause}`], 'query');
    await sleep(pause);
    const both = [embedder.embed([`a ${pause}`], 'query'), embedder.embed([`b ${pause}`], 'passage')];
    expect((await Promise.all(both)).flat()).toHaveLength(2);
  }
});

it('does not rest while a call is under way', async () => {
  const many = Array.from(
    { length: 200 },
    (_, i) => `note ${i}: ${'the job queue retries what has failed '.repeat(9)}`,
  );
  expect(await embedder.embed(many, 'passage')).toHaveLength(200);
  expect(hosts).toHaveLength(1);
});

it('is started again after kill -9, and only the calls under way fail', async () => {
  await embedder.embed(['ready'], 'query');
  const many = Array.from(
    { length: 400 },
    (_, i) => `note ${i}: ${'the job queue retries what has failed '.repeat(9)}`,
  );
  const underWay = embedder.embed(many, 'passage').catch((error: unknown) => error);
  await sleep(50);
  hosts[0]?.host.kill();
  expect(await underWay).toMatchObject({ code: 'internal', retryable: true });
  expect(await embedder.embed(['once more'], 'query')).toHaveLength(1);
  expect(await hosts[0]?.ended).toBe(-1);
});

it('names the fault of a damaged model', async () => {
  const broken = createEmbedder({
    modelDir: '/nowhere',
    delayMs: 0,
    logger: pino({ level: 'silent' }),
    threadFile,
    startHost: startModelProcess,
  });
  await expect(broken.embed(['text'], 'query')).rejects.toMatchObject({ code: 'corrupt_model' });
  await broken.close();
});

it.skipIf(process.platform !== 'linux')('gives all its memory back', async () => {
  const residentMb = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
  const before = residentMb();
  await embedder.embed(['ready'], 'query');
  await hosts[0]?.ended;
  expect(residentMb() - before).toBeLessThan(30);
});
