import { type AgentFacts, createAgentWords, nameOnly } from '../../text/word-agent.js';

/** Who wrote a memory: an agent, a person, or whom an import names; those two have no client. */
export type AuthorFacts = Pick<AgentFacts, 'id' | 'name' | 'client' | 'person'>;

/** Column `author`, AuthorFacts or null, in SQL of the row `a` of agents. */
export const SELECT_AUTHOR = `CASE WHEN a.id IS NOT NULL
    THEN json_build_object('id', a.id, 'name', a.name, 'client', a.client, 'person', a.person) END AS author`;

/** Words the authors in one answer, as agents are worded everywhere: `Maple (CLIENT)`, `Maple (Anna, CLIENT)`. */
export function createAuthorWords(): (author: AuthorFacts | null) => string | null {
  const word = createAgentWords();
  return (author) =>
    author && word({ ...nameOnly(author.id, author.name), client: author.client, person: author.person ?? null });
}
