import type { Pool } from 'pg';

const MEASURES = [
  'requests',
  'unpriced',
  'input_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'web_searches',
  'cost_usd',
];
const SUMS = MEASURES.map((name) => `sum(${name}) AS ${name}`).join(', ');
const NEGATED = MEASURES.map((name) => `-${name}`).join(', ');
const LIST = MEASURES.join(', ');
const SOME = MEASURES.map((name) => `${name} <> 0`).join(' OR ');

/** What every sum must be, straight from the entries. */
const FACTS = `SELECT project_id, date_bin('15 minutes', occurred_at, 'epoch') AS bucket, coalesce(agent_id, '') AS agent_id,
    coalesce(session_id, '') AS session_id, client, coalesce(client_session, '') AS client_session,
    coalesce(model, '') AS model, grade, 1 AS requests, (cost_usd IS NULL)::integer AS unpriced, input_tokens, output_tokens,
    reasoning_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, web_searches,
    coalesce(cost_usd, 0) AS cost_usd
  FROM usage_entries WHERE counts`;

const DIMENSIONS = 'project_id, bucket, agent_id, session_id, client, client_session, model, grade';

function totalsOf(source: string, negated: boolean): string {
  const measures = negated ? NEGATED : LIST;
  const keys = `LATERAL (VALUES ('all', ''), ('agent', agent_id), ('task', session_id), ('session', client_session),
    ('model', model), ('client', client)) AS d (dimension, key)`;
  return `SELECT project_id, dimension, period, date_trunc(period, bucket, 'UTC') AS bucket, key, grade, ${measures}
      FROM (${source}) s, ${keys}, (VALUES ('day'), ('month')) AS p (period)
    UNION ALL
    SELECT project_id, dimension, 'ever', '1970-01-01T00:00:00Z', key, grade, ${measures} FROM (${source}) s, ${keys}
    UNION ALL
    SELECT project_id, 'all', 'elapsed', h, '', grade, ${measures} FROM (${source}) s,
      generate_series(date_trunc('hour', bucket, 'UTC') + interval '1 hour', date_trunc('day', bucket, 'UTC') + interval '23 hours', interval '1 hour') h`;
}

/**
 * Every sum of the roll-ups and the tail that is not exactly that of the entries, in one snapshot. Empty when all is right.
 */
export async function findDrift(pool: Pool): Promise<unknown[]> {
  const changes = `SELECT ${DIMENSIONS}, ${LIST} FROM usage_changes`;
  const { rows } = await pool.query(`
    SELECT * FROM (
      SELECT 'rollups' AS what, concat_ws(' ', ${DIMENSIONS}) AS key, ${SUMS} FROM (
        SELECT ${DIMENSIONS}, ${LIST} FROM (${FACTS}) f
        UNION ALL SELECT ${DIMENSIONS}, ${NEGATED} FROM usage_rollups
        UNION ALL SELECT ${DIMENSIONS}, ${NEGATED} FROM usage_changes) d
      GROUP BY 1, 2
      UNION ALL
      SELECT 'totals', concat_ws(' ', project_id, dimension, period, bucket, key, grade), ${SUMS} FROM (
        ${totalsOf(FACTS, false)}
        UNION ALL SELECT project_id, dimension::text, period::text, bucket, key, grade, ${NEGATED} FROM usage_totals
        UNION ALL ${totalsOf(changes, true)}) d
      GROUP BY 1, 2
    ) all_sums WHERE ${SOME} LIMIT 10`);
  return rows;
}
