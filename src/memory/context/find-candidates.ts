import type { AuthorFacts } from '../authors/author-facts.js';
import type { DecisionRepository } from '../decisions/decision-repository.js';
import type { Degradation, MemoryKind } from '../memory-types.js';
import type { MemoryOrigin } from '../origins/origin-types.js';
import type { RecallRepository } from '../recall/recall-repository.js';
import type { Search, SearchHit } from '../search/search-types.js';

/** A memory that is relevant to a task. */
export interface Candidate {
  kind: MemoryKind;
  id: string;
  label: string | null;
  text: string;
  /** Characters of it that were not read. */
  unreadChars: number;
  /** Where a decision's reasoning begins in the text. */
  reasonFrom: number | null;
  wrongSessions: number;
  origin: MemoryOrigin | null;
  files: readonly string[];
  author: AuthorFacts | null;
  createdAt: Date;
  score: number;
}

export interface CandidateDeps {
  search: Search;
  memories: Pick<RecallRepository, 'findByIds'>;
  decisions: Pick<DecisionRepository, 'findLiveByIds'>;
}

/** Memories of each kind that a task begins with, at most. */
const MAX_CHOSEN: Record<MemoryKind, number> = { stash: 3, insight: 5, decision: 5 };
/** Relevant hits that are counted, to say how many were left out. */
const MAX_COUNTED = 20;
/** Characters of a memory that are read: a budget is far smaller. */
const MAX_READ_CHARS = 4_000;
/** Hits whose scores differ by less are equally relevant: the newer comes first. */
const SCORE_STEP = 0.1;

/** What is stored about a task: one search for each kind, so that no kind crowds out another. */
export async function findCandidates(
  deps: CandidateDeps,
  projectId: string,
  query: string,
): Promise<{ candidates: Candidate[]; degraded: Degradation[] }> {
  const kinds = Object.keys(MAX_CHOSEN) as MemoryKind[];
  // The query's vector is computed once for all of them.
  const outcomes = await Promise.all(
    kinds.map((kind) => deps.search.search({ projectId, query, kinds: [kind], limit: MAX_COUNTED })),
  );
  const hits = outcomes.flatMap((outcome) => outcome.hits);
  return {
    candidates: hits.length > 0 ? await readMemories(deps, projectId, hits) : [],
    degraded: [...new Set(outcomes.flatMap((outcome) => outcome.degraded))],
  };
}

async function readMemories(
  { memories, decisions }: CandidateDeps,
  projectId: string,
  hits: readonly SearchHit[],
): Promise<Candidate[]> {
  const idsOf = (wanted: (kind: MemoryKind) => boolean) => hits.filter(({ kind }) => wanted(kind)).map(({ id }) => id);
  const [others, decided] = await Promise.all([
    memories.findByIds(
      projectId,
      idsOf((kind) => kind !== 'decision'),
      MAX_READ_CHARS,
    ),
    decisions.findLiveByIds(
      projectId,
      idsOf((kind) => kind === 'decision'),
    ),
  ]);
  const found = new Map<string, Omit<Candidate, 'score'>>();
  for (const { content, ...memory } of others) {
    found.set(memory.id, { ...memory, text: content, reasonFrom: null });
  }
  for (const { id, topic, decision, reasoning, wrongSessions, origin, author, createdAt } of decided) {
    const text = reasoning ? `${decision}\n${reasoning}` : decision;
    const reasonFrom = reasoning ? decision.length + 1 : null;
    const common = { wrongSessions, origin, files: [], author, createdAt };
    found.set(id, { kind: 'decision', id, label: topic, text, unreadChars: 0, reasonFrom, ...common });
  }
  return hits.flatMap(({ id, score }) => {
    const memory = found.get(id);
    return memory ? [{ ...memory, score }] : [];
  });
}

/** The most relevant of each kind, all kinds by relevance; of equally relevant ones the newer first. */
export function chooseBest(candidates: readonly Candidate[]): Candidate[] {
  const steps = ({ score }: Candidate) => Math.round(score / SCORE_STEP);
  const ranked = [...candidates].sort(
    (a, b) => steps(b) - steps(a) || b.createdAt.getTime() - a.createdAt.getTime() || b.score - a.score,
  );
  const chosen: Record<MemoryKind, number> = { stash: 0, insight: 0, decision: 0 };
  return ranked.filter(({ kind }) => {
    chosen[kind] += 1;
    return chosen[kind] <= MAX_CHOSEN[kind];
  });
}
