import { createHash } from 'node:crypto';
import type { Pool } from 'pg';

/** Who wrote memories without being connected: a person at the command line, or an author whom an import names. */
export interface Author {
  id: string;
  name: string;
}

/** The id of a person in a project: the same on each call. */
export function identifyPerson(projectId: string, name: string): string {
  return deriveId('agent_', 'person', projectId, name);
}

/** An id that follows from other facts: the same facts give the same id. As many symbols as `newId` has. */
export function deriveId(prefix: string, ...facts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(facts)).digest('hex');
  return `${prefix}${BigInt(`0x${digest}`).toString(36).padStart(16, '0').slice(-16)}`;
}

export type AuthorRepository = ReturnType<typeof createAuthorRepository>;

export function createAuthorRepository(pool: Pool) {
  return {
    /**
     * Makes the project and its authors known, so that memories can name them. They are rows of agents that are
     * disconnected from the start; an agent that is known stays as it is.
     * @param origin what made them known, for `metadata.origin`
     */
    async know(
      project: { id: string; root: string },
      authors: readonly Author[],
      origin: 'person' | 'import',
    ): Promise<void> {
      await pool.query(
        `WITH project AS (INSERT INTO projects (id, root) VALUES ($1, $2) ON CONFLICT DO NOTHING)
         INSERT INTO agents (id, project_id, name, status, disconnected_at, metadata)
         SELECT id, $1, name, 'disconnected', now(), jsonb_build_object('origin', $5::text)
         FROM unnest($3::text[], $4::text[]) AS author (id, name)
         ON CONFLICT DO NOTHING`,
        [project.id, project.root, authors.map(({ id }) => id), authors.map(({ name }) => name), origin],
      );
    },
  };
}
