/** The head of a Markdown file, and the text below it. */
export interface FrontMatter {
  /** A field has one value or, as a list, several. Names of nested fields are joined by dots. */
  fields: ReadonlyMap<string, string[]>;
  body: string;
}

/**
 * Reads the part of YAML that tools write at the head of notes and rules: scalars, lists in either form, one level of
 * nesting, and text blocks. What is more than that is left out; the body is always whole.
 */
export function readFrontMatter(text: string): FrontMatter {
  const source = text.replace(/^\ufeff/, '');
  const match = /^---[ \t]*\r?\n([\s\S]*?)(?:\r?\n)?---[ \t]*(?:\r?\n|$)/.exec(source);
  if (!match) return { fields: new Map(), body: source };
  const fields = new Map<string, string[]>();
  let parent = '';
  let current = '';
  let isBlock = false;
  for (const line of (match[1] ?? '').split(/\r?\n/)) {
    const [, indent = '', name, value = ''] = /^(\s*)([\w-]+):(?:\s+(.*))?$/.exec(line) ?? [];
    const item = /^\s*-\s+(.*)$/.exec(line)?.[1];
    if (isBlock && /^\s+\S/.test(line)) {
      fields.set(current, [[...(fields.get(current) ?? []), line.trim()].join(' ')]);
    } else if (item !== undefined) {
      fields.set(current, [...(fields.get(current) ?? []), unquote(item)]);
    } else if (name !== undefined) {
      current = indent === '' ? name : `${parent}.${name}`;
      if (indent === '') parent = name;
      isBlock = /^[>|][+-]?$/.test(value.trim());
      fields.set(current, isBlock ? [] : readValues(value));
    }
  }
  return { fields, body: source.slice(match[0].length) };
}

function readValues(value: string): string[] {
  const trimmed = value.trim();
  if (trimmed === '') return [];
  const list = /^\[(.*)\]$/.exec(trimmed);
  if (!list) return [unquote(trimmed)];
  return (list[1] ?? '').split(',').flatMap((item) => (item.trim() === '' ? [] : [unquote(item)]));
}

function unquote(value: string): string {
  const trimmed = value.trim();
  return /^(["']).*\1$/.test(trimmed) && trimmed.length > 1 ? trimmed.slice(1, -1) : trimmed;
}
