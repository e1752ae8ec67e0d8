import type { Pool } from 'pg';
import { AppError } from '../../errors.js';

/** One or two words, perhaps with a number (src/coordination/names/agent-names.ts), however they are written. */
const NAME = /^[a-z]{2,20}( [a-z]{2,20}( \d{1,12})?)?$/i;

export function isAgentName(text: string): boolean {
  return NAME.test(text);
}

/**
 * The id of the agent of a project that has this name, or that had it last.
 * @throws AppError `not_found`
 */
export async function findAgentByName(pool: Pool, projectId: string, name: string): Promise<string> {
  const written = name.toLowerCase().replace(/(^| )[a-z]/g, (start) => start.toUpperCase());
  const { rows } = await pool.query<{ id: string }>({
    name: 'agent_by_name',
    text: `SELECT id FROM agents WHERE project_id = $1 AND name = $2 AND client IS NOT NULL
      ORDER BY status = 'active' DESC, connected_at DESC LIMIT 1`,
    values: [projectId, written],
  });
  if (rows[0]) return rows[0].id;
  throw new AppError({
    code: 'not_found',
    message: `No agent of this project is called ${written}.`,
    fix: 'Pass the id or the name of an agent, as the timeline and who_is_working show it.',
  });
}
