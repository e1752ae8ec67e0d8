export type Json = Record<string, unknown>;

/**
 * Changes a JSON object's text, keeping its indentation and its last newline; the text itself when nothing changes.
 * @throws Error when it is no JSON object (comments are not understood: they would be lost)
 */
export function editJson(before: string | null, edit: (value: Json) => Json): string {
  const value = before === null || before.trim() === '' ? {} : parse(before);
  const edited = edit(structuredClone(value));
  if (before !== null && JSON.stringify(edited) === JSON.stringify(value)) return before;
  const indent = /^\{\r?\n([ \t]+)"/.exec(before?.replace(/^\ufeff/, '') ?? '')?.[1] ?? '  ';
  return `${JSON.stringify(edited, null, indent)}${before === null || before.endsWith('\n') ? '\n' : ''}`;
}

/** The field as an object, made when missing. @throws Error when it is something else */
export function objectIn(value: Json, name: string): Json {
  value[name] ??= {};
  const field = value[name];
  if (typeof field !== 'object' || field === null || Array.isArray(field)) throw new Error(`"${name}" is no object`);
  return field as Json;
}

/** The field as a list, made when missing. @throws Error when it is something else */
export function listIn(value: Json, name: string): unknown[] {
  value[name] ??= [];
  const field = value[name];
  if (!Array.isArray(field)) throw new Error(`"${name}" is no list`);
  return field;
}

/** Takes a field away when nothing is in it. */
export function dropEmpty(value: Json, name: string): void {
  const field = value[name];
  if (typeof field === 'object' && field !== null && Object.keys(field).length === 0) delete value[name];
}

function parse(text: string): Json {
  const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it is no JSON object');
  return value as Json;
}
