import type { Degradation, MemoryKind } from '../memory-types.js';
import { findOtherKinds } from '../search/find-other-kinds.js';
import type { Search } from '../search/search-types.js';
import type { DecisionRow } from './decision-reads.js';
import type { DecisionRepository } from './decision-repository.js';

export interface DecisionsQuery {
  topic?: string | undefined;
  limit: number;
  includeSuperseded: boolean;
}

export interface DecisionsAnswer {
  decisions: DecisionRow[];
  /** How they were found. */
  match: 'topic' | 'meaning' | 'newest' | 'none';
  /** Live topics, newest first; filled when no topic was asked for or none matched. */
  topics: string[];
  /** Where none fits the topic: other kinds that hold something relevant. */
  elsewhere: MemoryKind[];
  degraded: Degradation[];
}

interface FindDeps {
  repository: DecisionRepository;
  search: Search;
}

const MAX_TOPICS = 30;

async function findByMeaning(
  { repository, search }: FindDeps,
  projectId: string,
  topic: string,
  limit: number,
): Promise<Omit<DecisionsAnswer, 'topics' | 'elsewhere'>> {
  const outcome = await search.search({ projectId, query: topic, kinds: ['decision'], limit });
  const ids = outcome.hits.map((hit) => hit.id);
  const rows = new Map((await repository.findLiveByIds(projectId, ids)).map((row) => [row.id, row]));
  const decisions = ids.flatMap((id) => rows.get(id) ?? []);
  return { decisions, match: decisions.length > 0 ? 'meaning' : 'none', degraded: outcome.degraded };
}

/** Decisions on a topic (exactly, else by meaning), or the newest ones. */
export async function findDecisions(
  deps: FindDeps,
  projectId: string,
  query: DecisionsQuery,
): Promise<DecisionsAnswer> {
  const { repository } = deps;
  const topic = query.topic?.trim();
  if (!topic) {
    const [decisions, topics] = await Promise.all([
      repository.listNewest(projectId, query.limit, query.includeSuperseded),
      repository.listTopics(projectId, MAX_TOPICS),
    ]);
    return { decisions, match: decisions.length > 0 ? 'newest' : 'none', topics, elsewhere: [], degraded: [] };
  }
  const exact = await repository.listByTopic(projectId, topic, query.limit, query.includeSuperseded);
  if (exact.length > 0) return { decisions: exact, match: 'topic', topics: [], elsewhere: [], degraded: [] };
  const close = await findByMeaning(deps, projectId, topic, query.limit);
  if (close.match !== 'none') return { ...close, topics: [], elsewhere: [] };
  const [topics, elsewhere] = await Promise.all([
    repository.listTopics(projectId, MAX_TOPICS),
    findOtherKinds(deps.search, { projectId, query: topic, kinds: ['decision'] }),
  ]);
  return { ...close, topics, elsewhere };
}
