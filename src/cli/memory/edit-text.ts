import { AppError } from '../../errors.js';
import type { MemoryAnswer } from '../../mcp/admin/memory-protocol.js';

type MemoryRecord = MemoryAnswer<'show'>['record'];

/** What a person may change of a memory. */
export interface EditedMemory {
  name: string | null;
  text: string;
  reasoning: string | null;
  tags: string[];
  files: string[];
}

/** A memory as a text file: a line for each short field, `---`, and the text. */
export interface EditText {
  text: string;
  /** Line between a decision and its reasoning; neither of them contains it. */
  divider: string;
}

const HEAD_END = '---';
/** What the name of a memory is called in its file, and the field that may stand there several times. */
const FIELDS = {
  stash: { name: 'name', label: 'file' },
  insight: { name: 'key', label: 'tag' },
  decision: { name: 'topic', label: null },
} as const;

/** @returns the file that an editor opens */
export function writeEditText(record: MemoryRecord): EditText {
  const { name, label } = FIELDS[record.kind];
  const labels = record.kind === 'stash' ? record.files : record.tags;
  let divider = '--- reasoning ---';
  while (`${record.text}\n${record.reasoning ?? ''}`.includes(divider)) divider = `-${divider}-`;
  const lines = [`${name}: ${record.name ?? ''}`.trimEnd(), ...labels.map((each) => `${label}: ${each}`), HEAD_END];
  if (record.kind !== 'decision') lines.push(record.text);
  else lines.push(record.text, divider, record.reasoning ?? '');
  return { text: `${lines.join('\n')}\n`, divider };
}

/**
 * Reads what the editor left. The line break at the file's end, which editors add, is no part of the text.
 * @throws AppError `invalid_argument` for a head that can't be read
 */
export function readEditText(kind: MemoryRecord['kind'], edited: string, divider: string): EditedMemory {
  const { name: nameField, label } = FIELDS[kind];
  const lines = edited.replace(/^\ufeff/, '').split('\n');
  const end = lines.findIndex((line) => line.trimEnd() === HEAD_END);
  if (end < 0) throw unreadable(`the line ${HEAD_END} between its head and its text is missing`);
  let name: string | null = null;
  const labels: string[] = [];
  for (const line of lines.slice(0, end)) {
    if (line.trim() === '') continue;
    const [, field, value = ''] = /^\s*(\w+):(.*)$/.exec(line.trimEnd()) ?? [];
    if (field === nameField) name = value.trim() || null;
    else if (label !== null && field === label) labels.push(...(value.trim() === '' ? [] : [value.trim()]));
    else throw unreadable(`its head has a line that is no ${nameField}: or ${label ?? nameField}: line`);
  }
  const body = lines.slice(end + 1);
  if (body.at(-1) === '') body.pop();
  const middle = kind === 'decision' ? body.findIndex((line) => line.trimEnd() === divider) : -1;
  const reasoning = middle < 0 ? '' : body.slice(middle + 1).join('\n');
  return {
    name,
    text: (middle < 0 ? body : body.slice(0, middle)).join('\n'),
    reasoning: reasoning.trim() === '' ? null : reasoning,
    tags: kind === 'insight' ? labels : [],
    files: kind === 'stash' ? labels : [],
  };
}

function unreadable(reason: string): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: `The edited file can't be read: ${reason}.`,
    fix: 'Leave the head as it was: one field a line, then ---, then the text.',
  });
}
