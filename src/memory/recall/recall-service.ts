import type { Actor } from '../../actor/actor.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { cleanQuery } from '../../text/clean-input.js';
import { fitTokenBudget, maxUsefulChars } from '../../text/fit-token-budget.js';
import type { Redactor } from '../../text/redact.js';
import type { Degradation, MemoryKind } from '../memory-types.js';
import type { Search } from '../search/search-types.js';
import { findChangedFiles, MAX_SEARCHED_CHARS } from './find-changed-files.js';
import type { LaterDecision, RecalledMemory, RecallRepository } from './recall-repository.js';

/** Tokens of the JSON around each hit: ids, scores, author, age. */
const FRAME_TOKENS = 75;
/** A memory that does not fit whole is worth showing only from this many tokens on. */
const MIN_TEXT_TOKENS = 24;

export interface RecallInput {
  query: string;
  limit: number;
  kinds: readonly MemoryKind[];
  /** Tokens (o200k, estimated) that the answer may take. */
  tokenBudget: number;
}

export interface RecallHit {
  memory: RecalledMemory;
  score: number;
  why: string;
  text: string;
  omittedChars: number;
  laterDecision: LaterDecision | null;
  changedFiles: string[];
}

export interface RecallAnswer {
  hits: RecallHit[];
  /** Relevant hits that the token budget left no room for. */
  leftOut: number;
  degraded: Degradation[];
}

export type RecallService = ReturnType<typeof createRecallService>;

export function createRecallService(deps: {
  repository: RecallRepository;
  search: Search;
  redactor: Redactor;
  telemetry: Telemetry;
}) {
  const { repository, search, redactor, telemetry } = deps;

  async function recall(actor: Actor, worktree: string, input: RecallInput): Promise<RecallAnswer> {
    const outcome = await search.search({
      projectId: actor.projectId,
      query: input.query,
      kinds: input.kinds,
      limit: input.limit,
    });
    if (outcome.hits.length === 0) return { hits: [], leftOut: 0, degraded: outcome.degraded };
    const ids = outcome.hits.map((hit) => hit.id);
    const [memories, laterDecisions] = await Promise.all([
      repository.findByIds(actor.projectId, ids, Math.max(maxUsefulChars(input.tokenBudget), MAX_SEARCHED_CHARS)),
      // Without it the hits still answer the query.
      repository.findLaterDecisions(actor.projectId, ids).catch(() => []),
    ]);
    const memoryById = new Map(memories.map((memory) => [memory.id, memory]));
    const laterById = new Map(laterDecisions.map((later) => [later.ownerId, later]));
    const found = outcome.hits.flatMap((hit) => {
      const memory = memoryById.get(hit.id);
      return memory ? [{ hit, memory, whole: wholeText(memory) }] : [];
    });
    const texts = fitTokenBudget(
      found.map(({ whole }) => ({ text: whole, frameTokens: FRAME_TOKENS })),
      { tokenBudget: input.tokenBudget, minTextTokens: MIN_TEXT_TOKENS, minEntries: 1 },
    );
    const hits = await Promise.all(
      found.slice(0, texts.length).map(async ({ hit, memory, whole }, index) => ({
        memory,
        score: hit.score,
        why: hit.why,
        text: texts[index]?.text ?? '',
        omittedChars: (texts[index]?.omittedChars ?? 0) + memory.unreadChars,
        laterDecision: laterById.get(memory.id) ?? null,
        changedFiles: await findChangedFiles(worktree, whole, memory.files, memory.createdAt),
      })),
    );
    return { hits, leftOut: found.length - hits.length, degraded: outcome.degraded };
  }

  return {
    /**
     * Searches memories by meaning, words and names. Returns only relevant ones, perhaps none.
     * @param worktree Folder whose files tell whether a memory may be out of date.
     */
    async recall(actor: Actor, worktree: string, input: RecallInput): Promise<RecallAnswer> {
      const query = await cleanQuery(redactor, 'query', input.query);
      return telemetry.withSpan(
        'pop_stash.insight.recall',
        { query: query.slice(0, 200), 'agent.id': actor.agentId },
        async (span) => {
          const answer = await recall(actor, worktree, { ...input, query });
          span.set({ 'insight.id': answer.hits[0]?.memory.id, count: answer.hits.length });
          return answer;
        },
      );
    },
  };
}

function wholeText({ content, reasoning }: RecalledMemory): string {
  return reasoning === null ? content : `${content}\nReasoning: ${reasoning}`;
}
