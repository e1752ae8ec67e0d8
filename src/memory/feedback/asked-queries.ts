import { LRUCache } from 'lru-cache';

/** Answers that are remembered, of all agents of the process: some hundreds of bytes each. */
const MAX_ANSWERS = 10_000;
/** Characters of a query: more are no question, and the index that keeps marks apart holds no longer ones. */
const MAX_QUERY_CHARS = 500;

/** Which query had shown an agent a memory: the last one. Known while the process lives, which is long enough for a mark. */
export interface AskedQueries {
  remember(agentId: string, query: string, ids: readonly string[]): void;
  /** Empty where it is not known. */
  queryOf(agentId: string, id: string): string;
}

export function createAskedQueries(): AskedQueries {
  const asked = new LRUCache<string, string>({ max: MAX_ANSWERS });
  return {
    remember(agentId, query, ids) {
      const kept = [...query.trim()].slice(0, MAX_QUERY_CHARS).join('');
      for (const id of ids) asked.set(`${agentId} ${id}`, kept);
    },
    queryOf: (agentId, id) => asked.get(`${agentId} ${id}`) ?? '',
  };
}
