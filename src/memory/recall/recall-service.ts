import { setTimeout } from 'node:timers/promises';
import type { Actor } from '../../actor/actor.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { cleanQuery } from '../../text/clean-input.js';
import { maxUsefulChars } from '../../text/fit-token-budget.js';
import type { Redactor } from '../../text/redact.js';
import { joinWhole } from '../excerpts/join-passage.js';
import type { Degradation, MemoryKind } from '../memory-types.js';
import type { HoldLabels } from '../origins/label-holds.js';
import { MAX_SEARCHED_CHARS } from '../origins/name-files.js';
import type { Holds } from '../origins/origin-types.js';
import { findOtherKinds } from '../search/find-other-kinds.js';
import type { Search } from '../search/search-types.js';
import {
  type LaterDecision,
  MAX_MARKER_CHARS,
  type RecalledMemory,
  type RecallRepository,
} from './recall-repository.js';
import { type ShownText, showTexts } from './show-texts.js';

/** How long a search without a hit waits for vectors of memories just saved, and between two looks, in ms. */
const MAX_EMBEDDING_WAIT_MS = 300;
const EMBEDDING_POLL_MS = 50;

export interface RecallInput {
  query: string;
  limit: number;
  kinds: readonly MemoryKind[];
  /** Tokens (o200k, estimated) that the answer may take. */
  tokenBudget: number;
}

export interface RecallHit extends ShownText {
  memory: RecalledMemory;
  score: number;
  why: string;
  laterDecision: LaterDecision | null;
  /** Undefined where no worktree is known. */
  holds: Holds | undefined;
}

export interface RecallAnswer {
  hits: RecallHit[];
  /** Relevant hits that the token budget left no room for. */
  leftOut: number;
  /** Without a hit: kinds that were not asked for and hold something relevant. */
  elsewhere: MemoryKind[];
  /** Without a hit: some memories of these kinds have no vector yet, so that only their words are searched. */
  isEmbedding: boolean;
  degraded: Degradation[];
}

function toLater(ownerId: string, { id, label, content }: RecalledMemory): LaterDecision {
  return { ownerId, decisionId: id, topic: label ?? '', decision: content.slice(0, MAX_MARKER_CHARS) };
}

export type RecallService = ReturnType<typeof createRecallService>;

export function createRecallService(deps: {
  repository: RecallRepository;
  search: Search;
  labels: HoldLabels;
  redactor: Redactor;
  telemetry: Telemetry;
}) {
  const { repository, search, labels, redactor, telemetry } = deps;

  /** Searches; without a hit while vectors are being computed, once more after a moment. */
  async function searchAgain(projectId: string, { query, kinds, limit }: RecallInput) {
    const request = { projectId, query, kinds, limit };
    const isEmbedding = () => repository.isEmbedding(projectId, kinds);
    const outcome = await search.search(request);
    if (outcome.hits.length > 0 || outcome.degraded.length > 0 || !(await isEmbedding())) {
      return { outcome, isEmbedding: false };
    }
    const until = performance.now() + MAX_EMBEDDING_WAIT_MS;
    let isWaiting = true;
    while (isWaiting && performance.now() < until) {
      await setTimeout(EMBEDDING_POLL_MS);
      isWaiting = await isEmbedding();
    }
    return { outcome: await search.search(request), isEmbedding: isWaiting };
  }

  /** The memories of hits, with the decisions that came after them. */
  async function readHits(projectId: string, ids: readonly string[], maxChars: number) {
    const held = await search.findLater(projectId, ids);
    const [found, asked] = await Promise.all([
      repository.findByIds(projectId, [...new Set([...ids, ...(held?.values() ?? [])])], maxChars),
      // Without it the hits still answer the query.
      held ? [] : repository.findLaterDecisions(projectId, ids).catch(() => []),
    ]);
    const byId = new Map(found.map((memory) => [memory.id, memory]));
    const laterById = new Map(asked.map((later) => [later.ownerId, later]));
    for (const [ownerId, decisionId] of held ?? []) {
      const later = byId.get(decisionId);
      if (later) laterById.set(ownerId, toLater(ownerId, later));
    }
    return { memoryById: byId, laterById };
  }

  async function recall(actor: Actor, worktree: string | undefined, input: RecallInput): Promise<RecallAnswer> {
    const label = labels.begin(worktree);
    const { outcome, isEmbedding } = await searchAgain(actor.projectId, input);
    if (outcome.hits.length === 0) {
      const elsewhere = await findOtherKinds(search, { ...input, projectId: actor.projectId });
      return { hits: [], leftOut: 0, elsewhere, isEmbedding, degraded: outcome.degraded };
    }
    const ids = outcome.hits.map((hit) => hit.id);
    const maxChars = Math.max(maxUsefulChars(input.tokenBudget), MAX_SEARCHED_CHARS);
    const { memoryById, laterById } = await readHits(actor.projectId, ids, maxChars);
    const memories = ids.flatMap((id) => memoryById.get(id) ?? []);
    const texts = new Map(memories.map((memory) => [memory.id, joinWhole(memory)]));
    const originated = memories.map((memory) => ({ ...memory, text: texts.get(memory.id) ?? '' }));
    const holds = await label(originated);
    const found = outcome.hits.flatMap((hit) => {
      const memory = memoryById.get(hit.id);
      return memory ? [{ hit, memory, whole: texts.get(hit.id) ?? '', holds: holds.get(hit.id) }] : [];
    });
    const shown = await showTexts({ search, memories: repository }, { ...input, projectId: actor.projectId }, found);
    const hits = shown.map(({ hit, memory, whole: _, ...text }) => ({
      memory,
      score: hit.score,
      why: hit.why,
      ...text,
      laterDecision: laterById.get(memory.id) ?? null,
    }));
    return {
      hits,
      leftOut: found.length - hits.length,
      elsewhere: [],
      isEmbedding: false,
      degraded: outcome.degraded,
    };
  }

  return {
    /**
     * Searches memories by meaning, words and names. Returns only relevant ones, perhaps none.
     * @param worktree where the agent works: what is checked out there tells whether a memory holds; undefined where
     * that is not known
     */
    async recall(actor: Actor, worktree: string | undefined, input: RecallInput): Promise<RecallAnswer> {
      const query = await cleanQuery(redactor, 'query', input.query);
      return telemetry.withSpan(
        'pop_stash.insight.recall',
        { query: query.slice(0, 200), 'agent.id': actor.agentId },
        async (span) => {
          const answer = await recall(actor, worktree, { ...input, query });
          const first = answer.hits.find(({ memory }) => memory.kind === 'insight');
          span.set({ 'insight.id': first?.memory.id, count: answer.hits.length });
          return answer;
        },
      );
    },
  };
}
