import { LRUCache } from 'lru-cache';
import type { Embedder, QueryEmbedder } from '../../embedding/embedding-types.js';
import { spaceIdentifiers } from '../passages/space-identifiers.js';

/** Recent query vectors that are kept: agents repeat themselves, and one costs 1.5 KB. */
const MAX_CACHED_QUERIES = 64;

/**
 * Embedded mode: the model belongs to this process.
 * @param deadlineMs longest wait, then null
 * @param wakeMs the same for a model that has rested
 */
export function createLocalQueryEmbedder(
  embedder: Pick<Embedder, 'embed' | 'isWaking'>,
  { deadlineMs, wakeMs }: { deadlineMs: number; wakeMs: number },
): QueryEmbedder {
  return createCached(async (text) => {
    const signal = AbortSignal.timeout(embedder.isWaking() ? wakeMs : deadlineMs);
    const [vector] = await embedder.embed([spaceIdentifiers(text).text], 'query', signal);
    return vector ?? null;
  });
}

/**
 * Server mode: a worker process has the model, and is asked through the queue.
 * @param request resolves to null when no vector came within `waitMs`
 * @param deadlineMs longest wait, then null
 */
export function createRemoteQueryEmbedder(
  request: (text: string, waitMs: number) => Promise<Float32Array | null>,
  deadlineMs: number,
): QueryEmbedder {
  return createCached((text) => request(text, deadlineMs));
}

/**
 * The worker's side of `createRemoteQueryEmbedder`.
 * @returns the vector, or null when it did not come before the deadline (ms since the epoch) or the model failed.
 */
export async function answerQuery(
  embedder: Pick<Embedder, 'embed'>,
  query: { text: string; deadline: number },
): Promise<Float32Array | null> {
  const left = query.deadline - Date.now();
  if (left <= 0) return null;
  const local = embedder.embed([spaceIdentifiers(query.text).text], 'query', AbortSignal.timeout(left));
  return await local.then(
    ([vector]) => vector ?? null,
    () => null,
  );
}

/** Keeps recent vectors, lets concurrent requests for one text share one, and turns every failure into null. */
function createCached(request: (text: string) => Promise<Float32Array | null>): QueryEmbedder {
  const recent = new LRUCache<string, Float32Array>({ max: MAX_CACHED_QUERIES });
  const underWay = new Map<string, Promise<Float32Array | null>>();
  let closed = false;

  async function ask(text: string): Promise<Float32Array | null> {
    try {
      const vector = await request(text);
      if (vector) recent.set(text, vector);
      return vector;
    } catch {
      return null;
    } finally {
      underWay.delete(text);
    }
  }

  return {
    async embedQuery(text) {
      if (closed) return null;
      const known = recent.get(text);
      if (known) return known;
      const asked = underWay.get(text) ?? Promise.resolve(text).then(ask);
      underWay.set(text, asked);
      return await asked;
    },
    close() {
      closed = true;
      recent.clear();
      return Promise.resolve();
    },
  };
}
