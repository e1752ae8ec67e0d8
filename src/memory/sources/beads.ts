import * as z from 'zod';
import { readJsonLines } from './read-json-lines.js';
import { readIso } from './read-time.js';
import { type SourceReading, toRecord } from './source-types.js';

// beads: one issue a line in .beads/issues.jsonl (https://github.com/steveyegge/beads/blob/main/internal/types/types.go).

const text = z.string().nullish();
const issue = z.looseObject({
  id: z.string().min(1),
  title: z.string().default(''),
  description: text,
  design: text,
  acceptance_criteria: text,
  notes: text,
  status: text,
  issue_type: text,
  close_reason: text,
  assignee: text,
  labels: z.array(z.string()).nullish(),
  dependencies: z.array(z.looseObject({ depends_on_id: text, type: text })).nullish(),
  comments: z.array(z.looseObject({ author: text, text })).nullish(),
  created_at: text,
  closed_at: text,
});

/** An issue becomes an insight under its id and title; one that was deleted stays out. */
export function readBeads(source: string): SourceReading {
  const { items, problems } = readJsonLines(source, issue);
  const records = items.flatMap((each) => {
    const { id, title, status, dependencies, comments } = each;
    if (status === 'tombstone') return [];
    const sections: [string, string | null | undefined][] = [
      ['', each.description],
      ['Design: ', each.design],
      ['Acceptance: ', each.acceptance_criteria],
      ['Notes: ', each.notes],
      ['Closed: ', each.closed_at && [each.closed_at, each.close_reason].filter(Boolean).join(', ')],
    ];
    const lines = [
      `${title}${status ? ` (${status})` : ''}`,
      ...sections.flatMap(([label, part]) => (part ? [`${label}${part}`] : [])),
      ...(dependencies ?? []).flatMap(({ type, depends_on_id: on }) =>
        on ? [`- ${type ?? 'depends on'}: ${on}`] : [],
      ),
      ...(comments ?? []).flatMap((comment) =>
        comment.text ? [`- ${comment.author ?? 'comment'}: ${comment.text}`] : [],
      ),
    ];
    const tags = [...(each.labels ?? []), status, each.issue_type].filter((tag): tag is string => Boolean(tag));
    return [
      toRecord('beads', {
        kind: 'insight',
        key: id,
        name: [...`${id}: ${title}`.replace(/\s+/g, ' ')].slice(0, 200).join(''),
        text: lines.join('\n'),
        tags: [...new Set(tags)],
        createdAt: readIso(each.created_at),
      }),
    ];
  });
  return { records, problems };
}
