import type { Actor } from '../../actor/actor.js';
import type { SessionsService } from '../../coordination/sessions/sessions-service.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { cleanQuery } from '../../text/clean-input.js';
import { clipText } from '../../text/clip-text.js';
import { estimateTokens } from '../../text/estimate-tokens.js';
import type { Redactor } from '../../text/redact.js';
import type { DecisionRepository } from '../decisions/decision-repository.js';
import type { Degradation, MemoryKind } from '../memory-types.js';
import type { RecallRepository } from '../recall/recall-repository.js';
import type { Search, SearchHit } from '../search/search-types.js';
import { fitEntries, READ_CHARS } from './fit-context.js';

/** Most memories of each kind that a task is begun with. */
const MOST: Record<MemoryKind, number> = { stash: 3, insight: 5, decision: 5 };
/** Relevant hits that are counted, to say how many were left out. */
const COUNTED = 20;
/** Of the budget, what others are doing may take this share, and so many of them are named. */
const SHARE_OF_AGENTS = 0.3;
const MAX_AGENTS = 8;
const MAX_FILES = 3;
const TASK_CHARS = 120;
/** Characters of a task that are searched for: beyond, it is a document. */
const QUERY_CHARS = 2_000;

/** Hits whose scores differ by less are equally relevant: the newer comes first. */
const SCORE_STEP = 0.1;

export interface ContextEntry {
  kind: MemoryKind;
  id: string;
  /** A stash's name, an insight's key, a decision's topic. */
  label: string | null;
  text: string;
  cut: boolean;
  author: string | null;
  createdAt: Date;
}

export interface OtherAgent {
  agentId: string;
  name: string;
  task: string;
  files: string[];
  /** Files that are not named. */
  moreFiles: number;
}

export interface TaskContext {
  stashes: ContextEntry[];
  insights: ContextEntry[];
  decisions: (ContextEntry & { reasoning: string | null })[];
  otherAgents: OtherAgent[];
  /** What was relevant and had no room; absent kinds have nothing left out. */
  leftOut: Partial<Record<MemoryKind | 'agent', number>>;
  degraded: Degradation[];
}

export type ContextService = ReturnType<typeof createContextService>;

export interface ContextServiceDeps {
  search: Search;
  memories: Pick<RecallRepository, 'findByIds'>;
  decisions: Pick<DecisionRepository, 'findLiveByIds'>;
  sessions: Pick<SessionsService, 'whoIsWorking'>;
  redactor: Redactor;
  telemetry: Telemetry;
}

/** Gathers what an agent should know when it begins a task: what is stored about it, and who else is at work. */
export function createContextService(deps: ContextServiceDeps) {
  const { search, memories, decisions, sessions, redactor, telemetry } = deps;

  /** One search a kind, so that no kind crowds out another; the query's vector is asked for once. */
  async function searchKinds(
    projectId: string,
    query: string,
  ): Promise<{ hits: SearchHit[]; degraded: Degradation[] }> {
    const kinds = Object.keys(MOST) as MemoryKind[];
    const outcomes = await Promise.all(
      kinds.map((kind) => search.search({ projectId, query, kinds: [kind], limit: COUNTED })),
    );
    return {
      hits: outcomes.flatMap((outcome) => outcome.hits),
      degraded: [...new Set(outcomes.flatMap((outcome) => outcome.degraded))],
    };
  }

  async function read(projectId: string, hits: readonly SearchHit[]): Promise<Candidate[]> {
    const idsOf = (wanted: (kind: MemoryKind) => boolean) =>
      hits.filter(({ kind }) => wanted(kind)).map(({ id }) => id);
    const [others, decided] = await Promise.all([
      memories.findByIds(
        projectId,
        idsOf((kind) => kind !== 'decision'),
        READ_CHARS + 1,
      ),
      decisions.findLiveByIds(
        projectId,
        idsOf((kind) => kind === 'decision'),
      ),
    ]);
    const found = new Map<string, Omit<Candidate, 'score'>>();
    for (const { kind, id, label, content, author, createdAt } of others) {
      found.set(id, { kind, id, label, text: content, reasonFrom: null, author, createdAt });
    }
    for (const { id, topic, decision, reasoning, author, createdAt } of decided) {
      const text = reasoning ? `${decision}\n${reasoning}` : decision;
      const reasonFrom = reasoning ? decision.length + 1 : null;
      found.set(id, { kind: 'decision', id, label: topic, text, reasonFrom, author, createdAt });
    }
    return hits.flatMap(({ id, score }) => {
      const memory = found.get(id);
      return memory ? [{ ...memory, score }] : [];
    });
  }

  async function listOthers(actor: Actor): Promise<{ agents: OtherAgent[]; leftOut: number }> {
    const { active } = await sessions.whoIsWorking(actor.projectId);
    const others = active.filter(({ agentId, sessionId }) =>
      actor.sessionId === null ? agentId !== actor.agentId : sessionId !== actor.sessionId,
    );
    const agents = others.slice(0, MAX_AGENTS).map(({ agentId, name, task, files }) => ({
      agentId,
      name,
      task: clipText(task ?? '', TASK_CHARS),
      files: files.slice(0, MAX_FILES),
      moreFiles: Math.max(0, files.length - MAX_FILES),
    }));
    return { agents, leftOut: others.length - agents.length };
  }

  async function gather(actor: Actor, query: string, tokenBudget: number): Promise<TaskContext> {
    const [{ hits, degraded }, others] = await Promise.all([searchKinds(actor.projectId, query), listOthers(actor)]);
    const candidates = hits.length > 0 ? await read(actor.projectId, hits) : [];
    const agents = fitAgents(others.agents, tokenBudget * SHARE_OF_AGENTS);
    const left = tokenBudget - agents.reduce((sum, agent) => sum + tokensOfAgent(agent), 0);
    const fitted = fitEntries(chooseBest(candidates), left);
    const shown = fitted.map(({ entry: { reasonFrom, score: _score, ...entry }, text, cut }) => ({
      ...entry,
      text: reasonFrom === null ? text : text.slice(0, reasonFrom - 1),
      reasoning: reasonFrom === null || text.length <= reasonFrom ? null : text.slice(reasonFrom),
      cut,
    }));
    const ofKind = (kind: MemoryKind) => shown.filter((entry) => entry.kind === kind);
    const leftOut = countLeftOut({
      stash: count(candidates, 'stash') - ofKind('stash').length,
      insight: count(candidates, 'insight') - ofKind('insight').length,
      decision: count(candidates, 'decision') - ofKind('decision').length,
      agent: others.leftOut + others.agents.length - agents.length,
    });
    return {
      stashes: ofKind('stash'),
      insights: ofKind('insight'),
      decisions: ofKind('decision'),
      otherAgents: agents,
      leftOut,
      degraded,
    };
  }

  return {
    /**
     * Only what is relevant to the task, best first, within a token budget; and the agents at work besides the actor's
     * session. Never fails: without an answer from the database the context is empty and `degraded` says so.
     */
    async gather(actor: Actor, task: string, tokenBudget: number): Promise<TaskContext> {
      return telemetry.withSpan('pop_stash.context.gather', { 'agent.id': actor.agentId }, async (span) => {
        try {
          const context = await gather(
            actor,
            await cleanQuery(redactor, 'task', clipText(task, QUERY_CHARS)),
            tokenBudget,
          );
          span.set({ 'insight.count': context.insights.length, 'decision.count': context.decisions.length });
          return context;
        } catch {
          return { stashes: [], insights: [], decisions: [], otherAgents: [], leftOut: {}, degraded: ['context'] };
        }
      });
    },
  };
}

interface Candidate {
  kind: MemoryKind;
  id: string;
  label: string | null;
  text: string;
  /** Where a decision's reasoning begins in the text. */
  reasonFrom: number | null;
  author: string | null;
  createdAt: Date;
  score: number;
}

/** The most relevant of each kind, all kinds by relevance; of equally relevant ones the newer first. */
function chooseBest(candidates: readonly Candidate[]): Candidate[] {
  const steps = ({ score }: Candidate) => Math.round(score / SCORE_STEP);
  const ranked = [...candidates].sort(
    (a, b) => steps(b) - steps(a) || b.createdAt.getTime() - a.createdAt.getTime() || b.score - a.score,
  );
  const taken: Record<MemoryKind, number> = { stash: 0, insight: 0, decision: 0 };
  return ranked.filter(({ kind }) => {
    taken[kind] += 1;
    return taken[kind] <= MOST[kind];
  });
}

function fitAgents(agents: readonly OtherAgent[], tokenBudget: number): OtherAgent[] {
  let left = tokenBudget;
  return agents.filter((agent) => {
    left -= tokensOfAgent(agent);
    return left >= 0;
  });
}

function tokensOfAgent(agent: OtherAgent): number {
  return estimateTokens(JSON.stringify(agent));
}

function count(candidates: readonly Candidate[], kind: MemoryKind): number {
  return candidates.filter((candidate) => candidate.kind === kind).length;
}

function countLeftOut(counts: Required<TaskContext['leftOut']>): TaskContext['leftOut'] {
  return Object.fromEntries(Object.entries(counts).filter(([, left]) => left > 0));
}
