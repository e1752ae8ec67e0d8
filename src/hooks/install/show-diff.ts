import { diffArrays } from 'diff';
import { quotePath } from '../../text/quote-text.js';
import type { FileChange } from './install-types.js';
import { linkTarget } from './link-entry.js';

/** Characters of a path. */
const MAX_PATH = 1_000;
/** Unchanged lines that are shown around a change. */
const CONTEXT = 2;

/** A change as people read it: removed and added lines with a little around them. */
export function showDiff({ path, before, after }: FileChange): string {
  const what = before === null ? 'new file' : after === null ? 'deleted' : 'changed';
  const lines = diffArrays(toLines(before), toLines(after)).flatMap(({ value, added, removed }) =>
    value.map((text) => ({ mark: added ? '+' : removed ? '-' : ' ', text })),
  );
  const shown = lines.filter((_line, index) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ mark }) => mark !== ' '),
  );
  return [`${quotePath(path, MAX_PATH)} (${what})`, ...shown.map(({ mark, text }) => `${mark} ${text}`)].join('\n');
}

function toLines(text: string | null): string[] {
  if (text === null || text === '') return [];
  const target = linkTarget(text);
  if (target !== null) return [`(a link to ${target})`];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}
