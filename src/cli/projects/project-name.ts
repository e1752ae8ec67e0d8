import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

/** What a person names a project by: a path in full, an id or a name as it is. */
export function readProjectName(text: string): string {
  const isPath = isAbsolute(text) || /^\.{1,2}($|[/\\])/.test(text) || (/[/\\]/.test(text) && existsSync(text));
  return isPath ? resolve(text) : text;
}
