import type * as z from 'zod';
import type { SourceProblem } from './source-types.js';

/** Reads the objects of JSON Lines, or of a JSON array, each by itself: a line that is broken costs the others nothing. */
export function readJsonLines<T>(text: string, schema: z.ZodType<T>): { items: T[]; problems: SourceProblem[] } {
  const items: T[] = [];
  const problems: SourceProblem[] = [];
  for (const { where, value } of listValues(text.replace(/^\ufeff/, ''))) {
    const parsed = value === undefined ? null : schema.safeParse(value);
    if (parsed?.success) items.push(parsed.data);
    else problems.push({ where, reason: parsed ? describeIssue(parsed.error) : 'it is no JSON' });
  }
  return { items, problems };
}

/** What is wrong with a value, in a few words. */
export function describeIssue({ issues: [issue] }: z.ZodError): string {
  if (!issue) return 'it has another form';
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;
}

/** @returns undefined for what is no JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function listValues(text: string): { where: string; value: unknown }[] {
  if (text.trimStart().startsWith('[')) {
    const list = parseJson(text);
    if (Array.isArray(list)) return list.map((value, index) => ({ where: `entry ${index + 1}`, value }));
  }
  return text.split('\n').flatMap((line, index) => {
    return line.trim() === '' ? [] : [{ where: `line ${index + 1}`, value: parseJson(line) }];
  });
}
