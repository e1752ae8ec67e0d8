import { DIMENSION_LIST, MEASURE_LIST, MEASURE_SUMS } from './measures.js';

/**
 * SQL of the rows of usage_rollups that stand for `source`, a table or CTE with the columns of usage_rollups.
 * Sorted by primary key, so that two writers meet in the same order.
 */
export function rollupRows(source: string): string {
  return `SELECT ${DIMENSION_LIST}, ${MEASURE_SUMS} FROM ${source} GROUP BY ${DIMENSION_LIST}`;
}

/**
 * CTEs that end in `parts`, the rows of usage_totals that stand for `source`: each dimension by UTC day, by UTC
 * month and of all time (`ever`), and for all of a project, by hour, what its UTC day had until then (`elapsed`, hours 1 to
 * 23).
 */
export function totalCtes(source: string): string {
  return `days AS MATERIALIZED (
      SELECT project_id, date_trunc('day', bucket, 'UTC') AS day, agent_id, session_id, client, client_session, model, grade,
        ${MEASURE_SUMS}
      FROM ${source} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ), hours AS MATERIALIZED (
      SELECT project_id, date_trunc('hour', bucket, 'UTC') AS hour, grade, ${MEASURE_SUMS} FROM ${source} GROUP BY 1, 2, 3
    ), keyed AS MATERIALIZED (
      SELECT project_id, dimension, day, key, grade, ${MEASURE_SUMS}
      FROM days, LATERAL (VALUES
        ('all'::usage_dimension, ''), ('agent', agent_id), ('task', session_id), ('session', client_session),
        ('model', model), ('client', client)) AS d (dimension, key)
      GROUP BY 1, 2, 3, 4, 5
    ), parts AS (
      SELECT project_id, dimension, 'day'::usage_period AS period, day AS bucket, key, grade, ${MEASURE_LIST} FROM keyed
      UNION ALL
      SELECT project_id, dimension, 'month', date_trunc('month', day, 'UTC'), key, grade, ${MEASURE_SUMS}
      FROM keyed GROUP BY 1, 2, 4, 5, 6
      UNION ALL
      SELECT project_id, dimension, 'ever', to_timestamp(0), key, grade, ${MEASURE_SUMS} FROM keyed GROUP BY 1, 2, 5, 6
      UNION ALL
      SELECT project_id, 'all', 'elapsed', until, '', grade, ${MEASURE_SUMS}
      FROM hours, generate_series(hour + interval '1 hour', date_trunc('day', hour, 'UTC') + interval '23 hours',
                                  interval '1 hour') AS until
      GROUP BY 1, 4, 6
    )`;
}

/** Primary key of usage_totals. */
export const TOTAL_KEY = 'project_id, dimension, period, bucket, key, grade';
