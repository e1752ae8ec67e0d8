import { AppError } from '../errors.js';
import { quoteName, quotePath } from '../text/quote-text.js';
import type { ProjectRow, ProjectSummary } from './identity-types.js';

/** Characters of a name. */
const MAX_CHARS = 160;

export function notFound(name: string): AppError {
  return new AppError({
    code: 'not_found',
    message: `There is no project ${quoteName(name, MAX_CHARS)}.`,
    fix: 'popstash projects list names all of them; a path names the project of that folder.',
  });
}

export function isAmbiguous(name: string, rows: readonly ProjectRow[]): AppError {
  return new AppError({
    code: 'conflict',
    message: `Several projects are called ${quoteName(name, MAX_CHARS)}: ${rows.map(({ id, root }) => `${id} (${quotePath(root)})`).join(', ')}.`,
    fix: 'Name one of them by its id.',
  });
}

export function areOne(row: ProjectRow): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: `Both are one project already: ${row.id} (${quotePath(row.root)}).`,
    fix: 'Name another project; popstash projects list names all of them.',
  });
}

export function nothingAsked(): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: 'No other project is known that this one may be a copy or a clone of.',
    fix: 'Name the project to join: popstash projects link ID. popstash projects list names all of them.',
  });
}

export function isTaken(name: string): AppError {
  return new AppError({
    code: 'conflict',
    message: `Another project is called ${quoteName(name, MAX_CHARS)}.`,
    fix: 'Choose another name.',
  });
}

export function isInUse({ id, agents }: ProjectSummary): AppError {
  return new AppError({
    code: 'conflict',
    message: `${agents === 1 ? 'An agent works' : `${agents} agents work`} in project ${id} now. Nothing was deleted.`,
    fix: 'Close its clients first; popstash projects show names the project.',
  });
}
