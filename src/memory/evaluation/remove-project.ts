import type { Pool } from 'pg';
import { deleteProjectPassages } from '../passages/passage-repository.js';

/** Removes an evaluation's scratch project, some hundreds of rows a statement: one would meet its time-out in a large set. */
export async function removeProject(pool: Pool, projectId: string): Promise<void> {
  await deleteProjectPassages(pool, projectId);
  for (const table of ['insights', 'activities']) {
    let deleted: number | null;
    do {
      ({ rowCount: deleted } = await pool.query(
        `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE project_id = $1 LIMIT 500)`,
        [projectId],
      ));
    } while (deleted);
  }
  await pool.query('DELETE FROM projects WHERE id = $1', [projectId]);
}
