import type { CostFilter } from './cost-types.js';

/** Collects the values of a statement and gives their positions. */
export interface Values {
  list: unknown[];
  /** `$1`, `$2`, … */
  add(value: unknown): string;
}

export function createValues(): Values {
  const list: unknown[] = [];
  return {
    list,
    add(value) {
      list.push(value);
      return `$${list.length}`;
    },
  };
}

/** Conditions on the dimensions of a row, as SQL that begins with AND; the project is left out where all are meant. */
export interface FilterSql {
  /** On a row that has a project_id only. */
  project(alias: string): string;
  /** On usage_rollups, usage_changes and usage_entries. */
  all(alias: string): string;
  /** Agent or task: sums by other dimensions do not know them. */
  isNarrow: boolean;
}

export function filterSql(filter: CostFilter, values: Values): FilterSql {
  const parameter = (value: string | null | undefined) => (value == null ? null : values.add(value));
  const parameters = {
    project_id: parameter(filter.projectId),
    agent_id: parameter(filter.agentId),
    session_id: parameter(filter.taskId),
  };
  // The second condition is that of the partial indexes of usage_rollups.
  const condition = (alias: string, column: keyof typeof parameters) =>
    parameters[column] === null
      ? ''
      : ` AND ${alias}.${column} = ${parameters[column]}${column === 'project_id' ? '' : ` AND ${alias}.${column} <> ''`}`;
  return {
    project: (alias) => condition(alias, 'project_id'),
    all: (alias) => condition(alias, 'project_id') + condition(alias, 'agent_id') + condition(alias, 'session_id'),
    isNarrow: parameters.agent_id !== null || parameters.session_id !== null,
  };
}
