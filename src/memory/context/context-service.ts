import type { Actor } from '../../actor/actor.js';
import type { SessionsService } from '../../coordination/sessions/sessions-service.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { cleanQuery } from '../../text/clean-input.js';
import { clipText } from '../../text/clip-text.js';
import { estimateTokens } from '../../text/estimate-tokens.js';
import type { Redactor } from '../../text/redact.js';
import { fitPassages } from '../excerpts/fit-passages.js';
import { joinPassage, markExcerpt } from '../excerpts/join-passage.js';
import { type ShownPassage, showPassages } from '../excerpts/show-passages.js';
import type { MemoryKind } from '../memory-types.js';
import type { HoldLabels } from '../origins/label-holds.js';
import { measureHolds } from '../origins/measure-holds.js';
import type { ContextEntry, TaskContext } from './context-types.js';
import { type Candidate, type CandidateDeps, chooseBest, findCandidates } from './find-candidates.js';
import { listOtherAgents } from './list-other-agents.js';

/** Of the budget, the share that the other agents may take. */
const SHARE_OF_AGENTS = 0.3;
/** Characters of a task that are searched for: beyond, it is a document. */
const MAX_QUERY_CHARS = 2_000;
/** Tokens of the JSON around each memory, besides its label: names of fields, age, author. */
const FRAME_TOKENS = 24;
/** Of the id and the place of a long text that is not shown whole. */
const PLACE_TOKENS = 22;
/** Of the ellipses around a passage. */
const MARK_TOKENS = 2;
/** A memory that does not fit whole is worth showing only from this many tokens on. */
const MIN_TEXT_TOKENS = 40;

export type ContextService = ReturnType<typeof createContextService>;

export interface ContextServiceDeps extends CandidateDeps {
  sessions: Pick<SessionsService, 'whoIsWorking'>;
  labels: HoldLabels;
  redactor: Redactor;
  telemetry: Telemetry;
}

/** Gathers what an agent should know when it begins a task: what is stored about it, and which agents are at work. */
export function createContextService(deps: ContextServiceDeps) {
  async function gather(
    actor: Actor,
    worktree: string | undefined,
    query: string,
    tokenBudget: number,
  ): Promise<TaskContext> {
    const label = deps.labels.begin(worktree);
    const [{ candidates, degraded }, others] = await Promise.all([
      findCandidates(deps, actor.projectId, query),
      listOtherAgents(deps.sessions, actor, tokenBudget * SHARE_OF_AGENTS),
    ]);
    const best = chooseBest(candidates);
    const holds = await label(best);
    const fitted = fitPassages(
      best.map(({ id, text, label, unreadChars }) => ({
        text,
        frameTokens: FRAME_TOKENS + estimateTokens(label ?? '') + measureHolds(holds.get(id)),
        unreadChars,
      })),
      { tokenBudget: tokenBudget - others.tokens, minTextTokens: MIN_TEXT_TOKENS },
      PLACE_TOKENS,
    );
    const fitting = fitted.flatMap(({ text, omittedChars }, index) => {
      const candidate = best[index];
      return candidate ? [{ candidate, text, isCut: omittedChars > 0 }] : [];
    });
    const cut = fitting
      .filter(({ isCut }) => isCut)
      .map(({ candidate, text }) => ({ id: candidate.id, tokens: Math.max(1, estimateTokens(text) - MARK_TOKENS) }));
    const passages = await showPassages(deps, actor.projectId, query, cut);
    const shown = fitting.map(({ candidate, text }) => ({
      ...toEntry(candidate, text, passages.get(candidate.id)),
      holds: holds.get(candidate.id),
    }));
    const ofKind = (kind: MemoryKind) => shown.filter((entry) => entry.kind === kind);
    const unshown = (kind: MemoryKind) =>
      candidates.filter((candidate) => candidate.kind === kind).length - ofKind(kind).length;
    return {
      stashes: ofKind('stash'),
      insights: ofKind('insight'),
      decisions: ofKind('decision'),
      otherAgents: others.agents,
      leftOut: positiveOnly({
        stash: unshown('stash'),
        insight: unshown('insight'),
        decision: unshown('decision'),
        agent: others.leftOut,
      }),
      degraded,
    };
  }

  return {
    /**
     * Only what is relevant to the task, best first, within a token budget, and whether it holds in this worktree
     * (undefined where that is not known); and the agents at work besides the actor's own. Never fails: without an answer from the database the context is empty and `degraded` says so.
     */
    async gather(actor: Actor, worktree: string | undefined, task: string, tokenBudget: number): Promise<TaskContext> {
      return deps.telemetry.withSpan('pop_stash.context.gather', { 'agent.id': actor.agentId }, async (span) => {
        try {
          const query = await cleanQuery(deps.redactor, 'task', clipText(task, MAX_QUERY_CHARS));
          const context = await gather(actor, worktree, query, tokenBudget);
          span.set({ 'insight.count': context.insights.length, 'decision.count': context.decisions.length });
          return context;
        } catch {
          return { stashes: [], insights: [], decisions: [], otherAgents: [], leftOut: {}, degraded: ['context'] };
        }
      });
    },
  };
}

/** @param passage what is shown of a memory that is not shown whole */
function toEntry(
  candidate: Candidate,
  text: string,
  passage: ShownPassage | undefined,
): ContextEntry & { reasoning: string | null } {
  const { reasonFrom, kind, id, label, wrongSessions, author, createdAt } = candidate;
  const memory = { kind, id, label, wrongSessions, author, createdAt };
  if (passage) {
    const { content, reasoning } = passage.memory;
    return {
      ...memory,
      text: markExcerpt(passage.content, content),
      reasoning: passage.reasoning && reasoning !== null ? markExcerpt(passage.reasoning, reasoning) : null,
      place: joinPassage(passage.memory, passage).place,
    };
  }
  return {
    ...memory,
    text: reasonFrom === null ? text : text.slice(0, reasonFrom - 1),
    reasoning: reasonFrom === null || text.length <= reasonFrom ? null : text.slice(reasonFrom),
    place: null,
  };
}

function positiveOnly(counts: Required<TaskContext['leftOut']>): TaskContext['leftOut'] {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
