import type { Node } from 'jsonc-parser';

/** How a JSON text is written. */
export interface JsonStyle {
  /** One step of indentation. */
  unit: string;
  newline: string;
  /** All of it is on one line, and it is not empty. */
  isOneLine: boolean;
  /** What stands behind a colon or a comma on one line: a space or nothing. */
  gap: string;
}

/** The style of a text, as its first lines show it. */
export function readStyle(text: string, root: Node): JsonStyle {
  const first = root.children?.[0];
  const indent = first ? indentAt(text, first) : '';
  return {
    unit: indent === '' ? '  ' : indent,
    newline: text.includes('\r\n') ? '\r\n' : '\n',
    isOneLine: first !== undefined && !text.trim().includes('\n'),
    gap: /[:,]\S/.test(text) && !/[:,] /.test(text) ? '' : ' ',
  };
}

/** The white space that begins the line of a node; '' where something stands between. */
export function indentAt(text: string, { offset }: Node): string {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(lineStart, offset))?.[0] ?? '';
}

/** A value in the text's style. @param indent of the line that it begins on */
export function writeValue(value: unknown, { unit, newline, isOneLine, gap }: JsonStyle, indent: string): string {
  if (!isOneLine) return JSON.stringify(value, null, unit).replaceAll('\n', `${newline}${indent}`);
  if (gap === '') return JSON.stringify(value);
  // Strings are skipped: what looks like a line break in them is escaped.
  return JSON.stringify(value, null, 1)
    .replace(/\n\s*([}\]])/g, '$1')
    .replace(/([{[])\n\s*/g, '$1')
    .replace(/,\n\s*/g, ', ');
}
