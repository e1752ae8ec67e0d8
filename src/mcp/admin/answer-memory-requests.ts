import type { Actor } from '../../actor/actor.js';
import { createAuthorWords } from '../../memory/authors/author-facts.js';
import { identifyPerson } from '../../memory/authors/author-repository.js';
import { knownWorktree, type Workplace } from '../../project/resolve-project.js';
import type { Services } from '../services.js';
import type { Caller, MemoryAnswer, MemoryRequest, MemoryRequestName } from './memory-protocol.js';

/** Tokens of all texts of a search: more than people read. */
const SEARCH_TOKENS = 20_000;

export interface MemoryAnswering {
  services: Services;
  project: Workplace;
}

/** How each request about memories is answered. */
export const memoryAnswers: {
  [Name in MemoryRequestName]: (context: MemoryAnswering, request: MemoryRequest<Name>) => Promise<MemoryAnswer<Name>>;
} = {
  async search({ services, project }, { params: { query, kinds, limit, by } }) {
    const actor = { projectId: project.id, agentId: identifyPerson(project.id, by), sessionId: null };
    const { hits, degraded } = await services.recall.recall(actor, knownWorktree(project), {
      query,
      kinds,
      limit,
      tokenBudget: SEARCH_TOKENS,
    });
    const wordAuthor = createAuthorWords();
    return {
      hits: hits.map(({ memory, score, text, omittedChars, laterDecision, holds }) => ({
        kind: memory.kind,
        id: memory.id,
        name: memory.label,
        text,
        omittedChars,
        score,
        author: wordAuthor(memory.author),
        createdAt: memory.createdAt,
        laterDecision: laterDecision?.decisionId ?? null,
        holds,
      })),
      degraded,
      now: hits[0]?.memory.now ?? null,
    };
  },

  async show({ services, project }, { params }) {
    return await services.records.show(project.id, knownWorktree(project), params.id, params.history);
  },

  async edit(context, { params: { by, pid, cwd, ...input } }) {
    const caller = await identifyCaller(context, { by, pid, cwd });
    return await context.services.edits.edit(caller, input, { worktree: knownWorktree(context.project) });
  },

  async forget(context, { params: { id, reason, ...caller } }) {
    const gone = await context.services.forget.forget(await identifyCaller(context, caller), id, reason);
    return { id, kind: gone.kind, name: gone.label, restorableDays: gone.restorableDays };
  },
};

/** Who writes: the agent whose command this is, else the person, who is made known as an author. */
export async function identifyCaller({ services, project }: MemoryAnswering, { by, pid, cwd }: Caller): Promise<Actor> {
  const caller = await services.guard.findCaller(pid, cwd);
  if (caller !== null && caller !== 'unknown') return { projectId: project.id, agentId: caller.id, sessionId: null };
  const person = { id: identifyPerson(project.id, by), name: by };
  await services.authors.know(project, [person], 'person');
  return { projectId: project.id, agentId: person.id, sessionId: null };
}
