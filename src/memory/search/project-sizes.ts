import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';

/** From here on a project's vectors are searched by index instead of one scan. */
const LARGE_PROJECT = 10_000;
/** From here on its words are counted by the maintenance job, so that a search need not count the frequent ones. */
export const COUNTED_PROJECT = 1_000;

const FRESH_MS = 30_000;
const MAX_PROJECTS = 1_000;

export interface ProjectSize {
  /** At least LARGE_PROJECT passages, and there is an index to search them by. */
  large: boolean;
  /** At least COUNTED_PROJECT lexical passages, and the maintenance job has counted their words. */
  hasStatistics: boolean;
}

export interface ProjectSizes {
  sizeOf(projectId: string): Promise<ProjectSize>;
}

/** Remembers for FRESH_MS whether a project is large. Both ways of searching give right answers, so it may be late. */
export function createProjectSizes(pool: Pool, largeProject = LARGE_PROJECT): ProjectSizes {
  const known = new LRUCache<string, Promise<ProjectSize>>({ max: MAX_PROJECTS, ttl: FRESH_MS });

  async function measure(projectId: string): Promise<ProjectSize> {
    const { rows } = await pool.query<ProjectSize>({
      name: 'search-project-size',
      // An embedded database has no such index: docs/decisions/no-vector-index-in-embedded.md.
      text: `SELECT to_regclass('passages_embedding_hnsw') IS NOT NULL
                 AND (SELECT count(*) FROM (SELECT 1 FROM passages WHERE project_id = $1 LIMIT $2) AS counted) >= $2 AS large,
               coalesce((SELECT passage_count >= $3 FROM projects WHERE id = $1), false) AS "hasStatistics"`,
      values: [projectId, largeProject, Math.min(COUNTED_PROJECT, largeProject)],
    });
    return rows[0] ?? { large: false, hasStatistics: false };
  }

  return {
    sizeOf(projectId) {
      const remembered = known.get(projectId);
      if (remembered) return remembered;
      const size = measure(projectId);
      known.set(projectId, size);
      size.catch(() => known.delete(projectId));
      return size;
    },
  };
}
