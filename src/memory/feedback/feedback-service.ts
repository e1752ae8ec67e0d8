import type { Actor } from '../../actor/actor.js';
import { AppError } from '../../errors.js';
import { clipText } from '../../text/clip-text.js';
import type { Redactor } from '../../text/redact.js';
import { kindOfId } from '../memory-ids.js';
import type { Search } from '../search/search-types.js';
import type { AskedQueries } from './asked-queries.js';
import { evaluateOwn, type OwnEvaluation, type OwnRun } from './evaluate-own.js';
import type { FeedbackRepository, Verdict } from './feedback-repository.js';

export interface MarkInput {
  useful: readonly string[];
  wrong: readonly string[];
}

export type FeedbackService = ReturnType<typeof createFeedbackService>;

/** Ids that an error names. */
const MAX_NAMED = 3;

/** What agents say of the memories that they were shown. */
export function createFeedbackService(deps: {
  repository: FeedbackRepository;
  asked: AskedQueries;
  search: Search;
  redactor: Redactor;
}) {
  const { repository, asked, search, redactor } = deps;

  return {
    /** Notes which query showed the agent these memories, should it mark them. */
    shown: (actor: Actor, query: string, ids: readonly string[]) => asked.remember(actor.agentId, query, ids),

    /**
     * Keeps that memories were useful or wrong, with the query that had found each. All or nothing.
     * @throws AppError `invalid_argument` for what is no id or is both, `not_found`
     */
    async mark(actor: Actor, { useful, wrong }: MarkInput): Promise<void> {
      const ids = [...new Set([...useful, ...wrong])];
      const both = ids.filter((id) => useful.includes(id) && wrong.includes(id));
      if (both.length > 0) throw markedBoth(both);
      const kinds = new Map(ids.map((id) => [id, kindOfId(id)]));
      const existing = new Set(await repository.findExisting(actor.projectId, ids));
      const missing = ids.filter((id) => !existing.has(id));
      if (missing.length > 0) throw notThere(missing);
      const marks = await Promise.all(
        [...kinds].map(async ([id, kind]) => {
          const verdict: Verdict = useful.includes(id) ? 'useful' : 'wrong';
          return { kind, id, verdict, query: (await redactor.redact(asked.queryOf(actor.agentId, id))).text };
        }),
      );
      await repository.save(actor, marks);
    },

    /** How well searches find what was marked useful for their queries, and not what was marked wrong. */
    async evaluate(projectId: string, run: OwnRun): Promise<OwnEvaluation> {
      return await evaluateOwn(search, projectId, await repository.listPairs(projectId), run);
    },
  };
}

function markedBoth(ids: readonly string[]): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: `${nameIds(ids)} can't be both useful and wrong; nothing was marked.`,
    fix: 'Name each id in one of the lists.',
  });
}

function notThere(ids: readonly string[]): AppError {
  return new AppError({
    code: 'not_found',
    message: `${nameIds(ids)} is not in this project; nothing was marked.`,
    fix: 'Take ids from the answers of recall, pop or get_decisions.',
  });
}

function nameIds(ids: readonly string[]): string {
  return ids
    .slice(0, MAX_NAMED)
    .map((id) => clipText(id, 60))
    .join(', ');
}
