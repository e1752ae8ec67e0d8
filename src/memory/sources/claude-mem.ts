import * as z from 'zod';
import { AppError } from '../../errors.js';
import { describeIssue, parseJson } from './read-json-lines.js';
import { readEpoch, readIso } from './read-time.js';
import { type SourceProblem, type SourceReading, toRecord } from './source-types.js';

// claude-mem: `npx tsx scripts/export-memories.ts` writes one JSON object. Observations are keyed by session, title and time
// (https://github.com/thedotmack/claude-mem/blob/main/docs/public/usage/export-import.mdx).

const text = z.string().nullish();
const time = { created_at: text, created_at_epoch: z.number().nullish() };
const session = { sdk_session_id: text, memory_session_id: text };
/** A JSON array in a string, as its database has it, or an array. */
const list = z
  .union([z.array(z.unknown()), z.string()])
  .nullish()
  .transform((value) => {
    const items = typeof value === 'string' ? parseJson(value) : value;
    return Array.isArray(items) ? items.filter((item): item is string => typeof item === 'string') : [];
  });

const observation = z.looseObject({
  ...session,
  ...time,
  project: text,
  type: text,
  title: text,
  subtitle: text,
  text,
  narrative: text,
  facts: list,
  concepts: list,
  files_read: list,
  files_modified: list,
});
const summary = z.looseObject({
  ...session,
  ...time,
  project: text,
  request: text,
  investigated: text,
  learned: text,
  completed: text,
  next_steps: text,
  notes: text,
});
const file = z.looseObject({
  observations: z.array(z.unknown()).default([]),
  summaries: z.array(z.unknown()).default([]),
});

/** Observations become insights, or decisions where they are of that type; so do summaries. What users typed stays out. */
export function readClaudeMem(source: string): SourceReading {
  const parsed = file.safeParse(parseJson(source.replace(/^\ufeff/, '')));
  if (!parsed.success || !('observations' in parsed.data)) {
    throw new AppError({
      code: 'invalid_argument',
      message: `The file is no export of claude-mem: ${parsed.success ? 'it has no observations' : describeIssue(parsed.error)}`,
      fix: 'Write one by its scripts/export-memories.ts.',
    });
  }
  const problems: SourceProblem[] = [];
  const records = [
    ...readEach(parsed.data.observations, observation, 'observation', problems).map(toObservation),
    ...readEach(parsed.data.summaries, summary, 'summary', problems).map(toSummary),
  ];
  return { records, problems };
}

function readEach<T>(items: readonly unknown[], schema: z.ZodType<T>, what: string, problems: SourceProblem[]): T[] {
  return items.flatMap((item, index) => {
    const parsed = schema.safeParse(item);
    if (parsed.success) return [parsed.data];
    problems.push({ where: `${what} ${index + 1}`, reason: describeIssue(parsed.error) });
    return [];
  });
}

function toObservation(each: z.output<typeof observation>) {
  const { title, subtitle, narrative, facts, project, type } = each;
  const files = [...new Set([...each.files_modified, ...each.files_read])];
  const body = [
    subtitle,
    narrative ?? each.text,
    ...facts.map((fact) => `- ${fact}`),
    files.length > 0 ? `Files: ${files.join(', ')}` : null,
  ];
  const isDecision = type === 'decision' && Boolean(title);
  const lines = isDecision ? body : [title, ...body];
  return toRecord('claude-mem', {
    kind: isDecision ? 'decision' : 'insight',
    key: keyOf(each, title ?? ''),
    name: isDecision ? firstLine(title ?? '') : null,
    text: lines.filter(Boolean).join('\n') || (title ?? ''),
    tags: isDecision ? [] : tagsOf([type, project, ...each.concepts]),
    createdAt: readEpoch(each.created_at_epoch, 'ms') ?? readIso(each.created_at),
  });
}

function toSummary(each: z.output<typeof summary>) {
  const parts: [string, string | null | undefined][] = [
    ['Request', each.request],
    ['Investigated', each.investigated],
    ['Learned', each.learned],
    ['Completed', each.completed],
    ['Next steps', each.next_steps],
    ['Notes', each.notes],
  ];
  return toRecord('claude-mem', {
    kind: 'insight',
    key: keyOf(each, 'summary'),
    text: parts.flatMap(([label, part]) => (part ? [`${label}: ${part}`] : [])).join('\n'),
    tags: tagsOf(['session-summary', each.project]),
    createdAt: readEpoch(each.created_at_epoch, 'ms') ?? readIso(each.created_at),
  });
}

function keyOf(each: z.output<typeof summary> | z.output<typeof observation>, title: string): string {
  return JSON.stringify([
    each.memory_session_id ?? each.sdk_session_id ?? '',
    title,
    each.created_at_epoch ?? each.created_at ?? '',
  ]);
}

function tagsOf(tags: readonly (string | null | undefined)[]): string[] {
  return [...new Set(tags.flatMap((tag) => (tag ? [firstLine(tag)] : [])))];
}

/** Names and tags have one line of at most 200 characters. */
function firstLine(title: string): string {
  return [...title.replace(/\s+/g, ' ').trim()].slice(0, 200).join('');
}
