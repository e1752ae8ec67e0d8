import { describe, expect, it } from 'vitest';
import {
  answerQuery,
  createLocalQueryEmbedder,
  createRemoteQueryEmbedder,
} from '../../../src/memory/search/query-embedder.js';

/** A model that answers when told to, and gives up on its signal as the real one does. */
function createHeldModel() {
  const asked: { text: string; answer: () => void; fail: () => void }[] = [];
  return {
    asked,
    waking: false,
    isWaking() {
      return this.waking;
    },
    embed: (texts: readonly string[], _: 'query' | 'passage', signal?: AbortSignal) =>
      new Promise<Float32Array[]>((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
        asked.push({
          text: texts[0]!,
          answer: () => resolve([Float32Array.of(texts[0]!.length)]),
          fail: () => reject(new Error('the thread died')),
        });
      }),
  };
}

const nextRound = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a query embedder', () => {
  it('asks once for one text, at the same time and afterwards', async () => {
    const model = createHeldModel();
    const queries = createLocalQueryEmbedder(model, { deadlineMs: 60_000, wakeMs: 60_000 });
    const both = Promise.all([queries.embedQuery('where'), queries.embedQuery('where')]);
    await nextRound();
    expect(model.asked).toHaveLength(1);
    model.asked[0]!.answer();
    expect(await both).toEqual([Float32Array.of(5), Float32Array.of(5)]);
    expect(await queries.embedQuery('where')).toEqual(Float32Array.of(5));
    expect(model.asked).toHaveLength(1);
  });

  it('lets the model read identifiers word by word, asked here and by a worker', async () => {
    const model = createHeldModel();
    const queries = createLocalQueryEmbedder(model, { deadlineMs: 60_000, wakeMs: 60_000 });
    const answers = [
      queries.embedQuery('why parseHTTPConfig'),
      answerQuery(model, { text: 'why maxRetries', deadline: Date.now() + 60_000 }),
    ];
    await nextRound();
    expect(model.asked.map(({ text }) => text).sort()).toEqual(['why max Retries', 'why parse HTTP Config']);
    for (const { answer } of model.asked) answer();
    await Promise.all(answers);
  });

  it('gives null after the deadline and when the model fails, and asks again later', async () => {
    const model = createHeldModel();
    const impatient = createLocalQueryEmbedder(model, { deadlineMs: 1, wakeMs: 1 });
    expect(await impatient.embedQuery('slow')).toBeNull();
    const queries = createLocalQueryEmbedder(model, { deadlineMs: 60_000, wakeMs: 60_000 });
    const failing = queries.embedQuery('bad');
    await nextRound();
    model.asked.at(-1)!.fail();
    expect(await failing).toBeNull();
    const again = queries.embedQuery('bad');
    await nextRound();
    model.asked.at(-1)!.answer();
    expect(await again).toEqual(Float32Array.of(3));
  });

  it('waits longer for a model that has rested', async () => {
    const model = createHeldModel();
    const queries = createLocalQueryEmbedder(model, { deadlineMs: 1, wakeMs: 60_000 });
    expect(await queries.embedQuery('awake')).toBeNull();
    model.waking = true;
    const waiting = queries.embedQuery('asleep');
    await new Promise((resolve) => setTimeout(resolve, 20));
    model.asked.at(-1)!.answer();
    expect(await waiting).toEqual(Float32Array.of(6));
  });

  it('forgets the query that was asked longest ago', async () => {
    const asked: string[] = [];
    const queries = createRemoteQueryEmbedder((text) => {
      asked.push(text);
      return Promise.resolve(Float32Array.of(1));
    }, 250);
    for (let i = 0; i < 64; i++) await queries.embedQuery(`q${i}`);
    await queries.embedQuery('q0');
    await queries.embedQuery('one more');
    await queries.embedQuery('q0');
    expect(asked).toHaveLength(65);
    await queries.embedQuery('q1');
    expect(asked).toHaveLength(66);
  });

  it('never throws, whatever the queue does, nor after close', async () => {
    const queries = createRemoteQueryEmbedder(() => {
      throw new Error('broken');
    }, 250);
    expect(await queries.embedQuery('x')).toBeNull();
    expect(await queries.embedQuery('x')).toBeNull();
    await queries.close();
    expect(await queries.embedQuery('x')).toBeNull();
  });
});

describe("the worker's answer", () => {
  it('is null when nobody waits any more, without asking the model', async () => {
    const model = createHeldModel();
    expect(await answerQuery(model, { text: 'late', deadline: Date.now() - 1 })).toBeNull();
    expect(model.asked).toHaveLength(0);
    expect(await answerQuery(model, { text: 'soon late', deadline: Date.now() + 2 })).toBeNull();
  });
});
