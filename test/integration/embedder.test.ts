import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmbedder } from '../../src/embedding/create-embedder.js';
import { DIMENSIONS, type Embedder, type TextRange } from '../../src/embedding/embedding-types.js';
import { findModel } from '../../src/embedding/model-store.js';
import { buildModelThread } from '../support/setup/build-script.js';

interface Golden {
  vectors: { text: string; tokens: number; vector: number[] }[];
}
const golden = JSON.parse(readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8')) as Golden;
const texts = golden.vectors.map(({ text }) => text);
const logger = pino({ level: 'silent' });

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let dot = 0;
  for (let i = 0; i < a.length; i++) dot += a[i]! * b[i]!;
  return dot;
}

function farthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
}

let threadFile: string;
let embedder: Embedder;

beforeAll(async () => {
  threadFile = await buildModelThread();
  embedder = createEmbedder({ modelDir: findModel(), delayMs: 0, logger, threadFile });
});

afterAll(async () => {
  await embedder.close();
});

describe('vectors', () => {
  it('are within 0.985 cosine of the float32 reference, and of length 1', async () => {
    const vectors = await embedder.embed(texts, 'passage');
    vectors.forEach((vector, i) => {
      const { text, vector: reference } = golden.vectors[i]!;
      expect(vector).toHaveLength(DIMENSIONS);
      expect(cosine(vector, vector), text).toBeCloseTo(1, 5);
      expect(cosine(vector, reference), text).toBeGreaterThanOrEqual(0.985);
    });
  });

  it('are the same whatever else is embedded with them', async () => {
    const together = await embedder.embed(texts, 'passage');
    const crowd = await embedder.embed([...texts, ...texts.map((text) => `${text} ${text}`)], 'passage');
    for (const [i, text] of texts.entries()) {
      const [alone] = await embedder.embed([text], 'query');
      expect(farthest(alone!, together[i]!), text).toBeLessThan(1e-5);
      expect(farthest(crowd[i]!, together[i]!), text).toBeLessThan(1e-5);
    }
  });

  it('come for nothing, for blanks and for text without a single piece', async () => {
    expect(await embedder.embed([], 'passage')).toEqual([]);
    const vectors = await embedder.embed(['', '  \n ', '\u0000\u200b'], 'passage');
    for (const vector of vectors) expect(cosine(vector, vector)).toBeCloseTo(1, 5);
  });

  it('or ranges when the text is longer than a passage', async () => {
    const long = texts.find((text) => text.length > 2_500)!;
    const [short, ranges] = await embedder.embedOrSplit(['how to read a json file in python', long]);
    expect(short).toBeInstanceOf(Float32Array);
    const parts = ranges as TextRange[];
    expect(parts.length).toBeGreaterThan(1);
    expect(parts[0]?.start).toBe(0);
    expect(parts.at(-1)?.end).toBe(long.length);
    for (const [i, { start }] of parts.slice(1).entries()) expect(start).toBeLessThan(parts[i]!.end);
    for (const vector of await embedder.embedOrSplit(parts.map(({ start, end }) => long.slice(start, end)))) {
      expect(vector).toBeInstanceOf(Float32Array);
    }
  });
});

describe('order', () => {
  it('embeds a query before every waiting passage, after the batch under way', async () => {
    const done: string[] = [];
    const many = Array.from({ length: 400 }, (_, i) => `passage ${i}: the job queue retries what has failed`);
    const passages = embedder.embed(many, 'passage').then(() => done.push('passages'));
    const query = embedder.embed(['why does the queue retry'], 'query').then(() => done.push('query'));
    await Promise.all([passages, query]);
    expect(done).toEqual(['query', 'passages']);
  });

  it('drops a query that was given up', async () => {
    const slow = createEmbedder({ modelDir: findModel(), delayMs: 50, logger, threadFile });
    const given = new AbortController();
    const first = slow.embed(['first'], 'query');
    const second = slow.embed(['second'], 'query', given.signal);
    given.abort(new Error('too late'));
    await expect(second).rejects.toThrow('too late');
    expect(await first).toHaveLength(1);
    expect(await slow.embed(['third'], 'query')).toHaveLength(1);
    await slow.close();
  });
});

describe('a model that is not the expected one', () => {
  async function damaged(damage: (dir: string) => Promise<void>): Promise<unknown> {
    const dir = await mkdtemp(join(tmpdir(), 'popstash-model-'));
    await cp(findModel(), dir, { recursive: true });
    await damage(dir);
    const broken = createEmbedder({ modelDir: dir, delayMs: 0, logger, threadFile });
    const error = await broken.embed(['text'], 'passage').catch((cause: unknown) => cause);
    await broken.close();
    await rm(dir, { recursive: true });
    return error;
  }

  it.each([
    ['cut short', (dir: string) => truncate(join(dir, 'onnx', 'model_quantized.onnx'), 20_000_000), 'model_quantized'],
    ['missing', (dir: string) => rm(join(dir, 'tokenizer.json')), 'tokenizer.json'],
    ['without checksums', (dir: string) => rm(join(dir, 'SHA256SUMS')), 'SHA256SUMS'],
    ['with checksums of nothing', (dir: string) => writeFile(join(dir, 'SHA256SUMS'), ''), 'does not name'],
  ])('%s is refused with a fix', async (_, damage, named) => {
    const error = await damaged(damage);
    expect(error).toMatchObject({ code: 'corrupt_model', message: expect.stringContaining(named) as string });
    expect(error).toHaveProperty('fix', expect.stringContaining('Reinstall'));
  });
});

describe('the thread', () => {
  it('is started again after it died, and no call waits for ever', async () => {
    // A thread that dies at its first start, as a fault of the runtime would make it.
    const dir = await mkdtemp(join(tmpdir(), 'popstash-thread-'));
    const mortal = join(dir, 'thread.mjs');
    await writeFile(
      mortal,
      `import { existsSync, writeFileSync } from 'node:fs';
       const marker = ${JSON.stringify(join(dir, 'died'))};
       if (existsSync(marker)) await import(${JSON.stringify(pathToFileURL(threadFile).href)});
       else { writeFileSync(marker, ''); process.exit(3); }`,
    );
    const reborn = createEmbedder({ modelDir: findModel(), delayMs: 0, logger, threadFile: mortal });
    await expect(reborn.embed(['text'], 'passage')).rejects.toMatchObject({ code: 'internal', retryable: true });
    expect(await reborn.embed(['text'], 'passage')).toHaveLength(1);
    await reborn.close();
    await rm(dir, { recursive: true });
  });

  it('ends with close, and calls under way reject', async () => {
    const brief = createEmbedder({ modelDir: findModel(), delayMs: 0, logger, threadFile });
    await brief.warmUp();
    const call = brief.embed(
      Array.from({ length: 500 }, (_, i) => `text ${i}`.repeat(20)),
      'passage',
    );
    const refused = expect(call).rejects.toMatchObject({ code: 'not_ready' });
    await brief.close();
    await refused;
    await expect(brief.embed(['text'], 'passage')).rejects.toMatchObject({ code: 'not_ready' });
  });
});
