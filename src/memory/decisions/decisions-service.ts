import { logActivitySpan } from '../../accountability/activity/log-span.js';
import type { Actor } from '../../actor/actor.js';
import type { WriteOptions } from '../../actor/write-options.js';
import { AppError } from '../../errors.js';
import { cleanQuery, createInputCleaner, type Redactions } from '../../text/clean-input.js';
import { clipText } from '../../text/clip-text.js';
import { isIdOf, newId } from '../../text/ids.js';
import { joinWhole } from '../excerpts/join-passage.js';
import type { PlacedWriteDeps } from '../memory-deps.js';
import type { Search } from '../search/search-types.js';
import type { DecisionOnTopic, DecisionRepository, NewDecision, SavedDecision } from './decision-repository.js';
import { type DecisionsAnswer, type DecisionsQuery, findDecisions } from './find-decisions.js';

export interface DecisionInput {
  topic: string;
  decision: string;
  reasoning?: string | undefined;
  supersedes?: string | undefined;
}

export type DecisionsService = ReturnType<typeof createDecisionsService>;

export function createDecisionsService(deps: PlacedWriteDeps & { repository: DecisionRepository; search: Search }) {
  const { repository, search, enqueueEmbedding, notes, redactor, telemetry } = deps;

  async function save(actor: Actor, decision: Omit<NewDecision, 'id'>): Promise<SavedDecision> {
    return telemetry.withSpan(
      'pop_stash.decision.create',
      { 'decision.topic': decision.topic, 'agent.id': actor.agentId },
      async (span) => {
        const saved = await repository.save(actor, { ...decision, id: newId('dec_') });
        if (!saved) return explainNotLive(repository, actor.projectId, decision.supersedes ?? '');
        span.set({ 'decision.id': saved.id });
        logActivitySpan(telemetry, actor, 'decision');
        return saved;
      },
    );
  }

  return {
    /**
     * Records a decision that every agent of the project sees; `supersedes` retires the older one in the same transaction.
     * @throws AppError `not_found` or `conflict` when `supersedes` names no live decision; nothing is written then.
     */
    async save(
      actor: Actor,
      input: DecisionInput,
      options: WriteOptions = {},
    ): Promise<SavedDecision & { conflictsWith: DecisionOnTopic[]; redacted: Redactions }> {
      const clean = createInputCleaner(redactor);
      const decision = {
        topic: await clean.label('topic', input.topic),
        decision: await clean.text('decision', input.decision),
        reasoning: input.reasoning === undefined ? null : await clean.text('reasoning', input.reasoning),
        supersedes: input.supersedes ?? null,
      };
      if (decision.supersedes !== null && !isIdOf('dec_', decision.supersedes)) {
        return explainNotLive(repository, actor.projectId, decision.supersedes);
      }
      const already = options.resent ? await repository.findRecentEqual(actor, decision) : null;
      if (already) return { ...already, conflictsWith: [], redacted: clean.redacted() };
      const text = joinWhole({ content: decision.decision, reasoning: decision.reasoning });
      const noteOrigin = notes.begin(options.worktree, { text, files: [] });
      const saving = save(actor, decision);
      // Read beside the write; a failure costs the warning, not the decision.
      const onTopic = repository.findOnTopic(actor.projectId, decision.topic, decision.supersedes).catch(() => []);
      const saved = await saving;
      const found = await onTopic;
      // Only now: giving a job takes time, and the answer waits for nothing else.
      enqueueEmbedding(saved.passageIds);
      noteOrigin(saved.id);
      const conflictsWith = found.filter((row) => row.id !== saved.id && row.decision !== decision.decision);
      return { ...saved, conflictsWith, redacted: clean.redacted() };
    },

    /** Those of these decisions that were superseded, and by which. */
    listSuperseded: (projectId: string, ids: readonly string[]) => repository.listSuperseded(projectId, ids),

    /** Decisions on a topic (exactly, else by meaning), or the newest ones and the topics there are. */
    async find(actor: Actor, query: DecisionsQuery): Promise<DecisionsAnswer> {
      const topic = query.topic === undefined ? undefined : await cleanQuery(redactor, 'topic', query.topic);
      return telemetry.withSpan('pop_stash.decision.query', { topic, 'agent.id': actor.agentId }, async (span) => {
        const answer = await findDecisions({ repository, search }, actor.projectId, { ...query, topic });
        span.set({ count: answer.decisions.length });
        return answer;
      });
    },
  };
}

/** Says why a decision can't be superseded. @throws AppError `not_found` or `conflict`, always */
async function explainNotLive(repository: DecisionRepository, projectId: string, id: string): Promise<never> {
  const row = isIdOf('dec_', id) ? await repository.findById(projectId, id) : null;
  if (!row) {
    throw new AppError({
      code: 'not_found',
      message: `There is no decision ${clipText(id, 60)} in this project.`,
      fix: 'Look the id up with get_decisions, or leave supersedes out.',
    });
  }
  const state = row.supersededBy ? `was already superseded by ${row.supersededBy}` : 'has been forgotten';
  throw new AppError({
    code: 'conflict',
    message: `Decision ${id} ${state}; nothing was written.`,
    fix: row.supersededBy
      ? `Pass supersedes: "${row.supersededBy}" if that one is to be replaced.`
      : 'Leave supersedes out.',
  });
}
