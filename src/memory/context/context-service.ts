import type { Actor } from '../../actor/actor.js';
import type { SessionsService } from '../../coordination/sessions/sessions-service.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { cleanQuery } from '../../text/clean-input.js';
import { clipText } from '../../text/clip-text.js';
import { estimateTokens } from '../../text/estimate-tokens.js';
import { type FittedText, fitTokenBudget } from '../../text/fit-token-budget.js';
import type { Redactor } from '../../text/redact.js';
import type { MemoryKind } from '../memory-types.js';
import type { ContextEntry, TaskContext } from './context-types.js';
import { type Candidate, type CandidateDeps, chooseBest, findCandidates } from './find-candidates.js';
import { listOtherAgents } from './list-other-agents.js';

/** Of the budget, the share that the other agents may take. */
const SHARE_OF_AGENTS = 0.3;
/** Characters of a task that are searched for: beyond, it is a document. */
const MAX_QUERY_CHARS = 2_000;
/** Tokens of the JSON around each memory, besides its label: names of fields, age, author. */
const FRAME_TOKENS = 24;
/** A memory that does not fit whole is worth showing only from this many tokens on. */
const MIN_TEXT_TOKENS = 48;

export type ContextService = ReturnType<typeof createContextService>;

export interface ContextServiceDeps extends CandidateDeps {
  sessions: Pick<SessionsService, 'whoIsWorking'>;
  redactor: Redactor;
  telemetry: Telemetry;
}

/** Gathers what an agent should know when it begins a task: what is stored about it, and which agents are at work. */
export function createContextService(deps: ContextServiceDeps) {
  async function gather(actor: Actor, query: string, tokenBudget: number): Promise<TaskContext> {
    const [{ candidates, degraded }, others] = await Promise.all([
      findCandidates(deps, actor.projectId, query),
      listOtherAgents(deps.sessions, actor, tokenBudget * SHARE_OF_AGENTS),
    ]);
    const best = chooseBest(candidates);
    const fitted = fitTokenBudget(
      best.map(({ text, label }) => ({ text, frameTokens: FRAME_TOKENS + estimateTokens(label ?? '') })),
      { tokenBudget: tokenBudget - others.tokens, minTextTokens: MIN_TEXT_TOKENS },
    );
    const shown = fitted.flatMap((text, index) => {
      const candidate = best[index];
      return candidate ? [toEntry(candidate, text)] : [];
    });
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
     * Only what is relevant to the task, best first, within a token budget; and the agents at work besides the
     * actor's own. Never fails: without an answer from the database the context is empty and `degraded` says so.
     */
    async gather(actor: Actor, task: string, tokenBudget: number): Promise<TaskContext> {
      return deps.telemetry.withSpan('pop_stash.context.gather', { 'agent.id': actor.agentId }, async (span) => {
        try {
          const query = await cleanQuery(deps.redactor, 'task', clipText(task, MAX_QUERY_CHARS));
          const context = await gather(actor, query, tokenBudget);
          span.set({ 'insight.count': context.insights.length, 'decision.count': context.decisions.length });
          return context;
        } catch {
          return { stashes: [], insights: [], decisions: [], otherAgents: [], leftOut: {}, degraded: ['context'] };
        }
      });
    },
  };
}

/** A decision's text is its decision and its reasoning, which may both be cut. */
function toEntry(
  candidate: Candidate,
  { text, omittedChars }: FittedText,
): ContextEntry & { reasoning: string | null } {
  const { reasonFrom, unreadChars, score: _score, ...memory } = candidate;
  return {
    ...memory,
    text: reasonFrom === null ? text : text.slice(0, reasonFrom - 1),
    reasoning: reasonFrom === null || text.length <= reasonFrom ? null : text.slice(reasonFrom),
    cut: omittedChars + unreadChars > 0,
  };
}

function positiveOnly(counts: Required<TaskContext['leftOut']>): TaskContext['leftOut'] {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
