import { isDeepStrictEqual } from 'node:util';
import {
  createScanner,
  findNodeAtLocation,
  type JSONPath,
  type Node,
  type ParseError,
  parse,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { indentAt, type JsonStyle, readStyle, writeValue } from './json-style.js';

const PARSE_OPTIONS = { allowTrailingComma: true };
const BOM = '\ufeff';

/** Edits the text of a JSON object; a missing or empty file is one without fields. */
export function editJson(before: string | null, edit: (text: string) => string): string {
  if (before === null || before.trim() === '') return edit('{}\n');
  return before.startsWith(BOM) ? `${BOM}${edit(before.slice(1))}` : edit(before);
}

/** Edits a file that `editJson` may have made: null when something was taken out and nothing but an empty object is left. */
export function removeFromJson(content: string, edit: (text: string) => string): string | null {
  const text = editJson(content, edit);
  if (text === content) return content;
  return text.replace(BOM, '').trim() === '{}' ? null : text;
}

/** The value at the path; undefined when there is none. @throws Error when the text is no JSON object */
export function readJson(text: string, path: JSONPath): unknown {
  const node = findNodeAtLocation(parseObject(text), path);
  return node && readValue(text, node);
}

/**
 * The text with this value at the path: replaced in place, or put at the end of what holds it. All else stays as it is,
 * comments included; the text itself when the value is there already.
 * @throws Error when the text is no JSON object, or something on the path holds nothing
 */
export function setJson(text: string, path: JSONPath, value: unknown): string {
  const root = parseObject(text);
  const style = readStyle(text, root);
  const present = findNodeAtLocation(root, path);
  if (present) {
    if (isDeepStrictEqual(readValue(text, present), value)) return text;
    const written = writeValue(value, style, indentAt(text, ownEntry(present)));
    return splice(text, present.offset, present.length, written);
  }
  const { parent, key, inner } = findParent(root, path, value);
  return insertChild(text, style, parent, typeof key === 'string' ? `${JSON.stringify(key)}:` : '', inner);
}

/** The text without the value at the path, comments kept; the text itself when there is none. */
export function removeJson(text: string, path: JSONPath): string {
  const node = findNodeAtLocation(parseObject(text), path);
  const own = node && ownEntry(node);
  return own?.parent ? removeChild(text, own, own.parent) : text;
}

/** The text without the value at the path, if that is an object or a list with nothing in it, not even a comment. */
export function removeEmptyJson(text: string, path: JSONPath): string {
  const node = findNodeAtLocation(parseObject(text), path);
  return node && isBlank(text, node) ? removeJson(text, path) : text;
}

function parseObject(text: string): Node {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, PARSE_OPTIONS);
  const [error] = errors;
  if (error) {
    const line = text.slice(0, error.offset).split('\n').length;
    throw new Error(`it is no JSON: ${printParseErrorCode(error.error)} in line ${line}`);
  }
  if (root?.type !== 'object') throw new Error('it is no JSON object');
  return root;
}

/** The innermost object or list on the path, and what is to be put into it there. */
function findParent(
  root: Node,
  path: JSONPath,
  value: unknown,
): { parent: Node; key: string | number; inner: unknown } {
  let inner = value;
  for (let depth = path.length - 1; ; depth -= 1) {
    const key = path[depth] ?? '';
    const parent = findNodeAtLocation(root, path.slice(0, depth));
    const type = typeof key === 'string' ? 'object' : 'array';
    if (parent?.type === type) return { parent, key, inner };
    if (parent) throw new Error(`"${path[depth - 1]}" is no ${type === 'object' ? 'object' : 'list'}`);
    inner = typeof key === 'string' ? { [key]: inner } : [inner];
  }
}

function insertChild(text: string, style: JsonStyle, parent: Node, key: string, value: unknown): string {
  const last = parent.children?.at(-1);
  const isInline = style.isOneLine || (last !== undefined && !spansLines(text, parent));
  if (isInline) {
    const entry = `${key && `${key}${style.gap}`}${writeValue(value, { ...style, isOneLine: true }, '')}`;
    if (!last) return splice(text, parent.offset + 1, 0, entry);
    return splice(text, last.offset + last.length, 0, `,${style.gap}${entry}`);
  }
  const indent = last ? indentAt(text, last) : `${indentAt(text, parent)}${style.unit}`;
  const entry = `${style.newline}${indent}${key && `${key} `}${writeValue(value, style, indent)}`;
  if (last) {
    const end = last.offset + last.length;
    const { comma, lineEnd } = readTrail(text, end);
    if (comma !== null) return splice(text, Math.max(lineEnd, comma + 1), 0, `${entry},`);
    return splice(splice(text, lineEnd, 0, entry), end, 0, ',');
  }
  // A comment in it stays, behind the entry.
  const isEmpty = isBlank(text, parent);
  const end = isEmpty ? `${style.newline}${indentAt(text, parent)}` : '';
  return splice(text, parent.offset + 1, isEmpty ? parent.length - 2 : 0, `${entry}${end}`);
}

/** Takes out the entry, one comma, and the white space before the entry. */
function removeChild(text: string, own: Node, parent: Node): string {
  const siblings = parent.children ?? [];
  const previous = siblings[siblings.indexOf(own) - 1];
  const end = own.offset + own.length;
  const after = readTrail(text, end).comma;
  const before = previous && after === null ? readTrail(text, previous.offset + previous.length).comma : null;
  const rest = after === null ? text : splice(text, after, 1, '');
  const start = startOfGap(rest, previous ? previous.offset + previous.length : parent.offset + 1, own.offset, end);
  const cut = splice(rest, start, end - start, '');
  const result = before === null ? cut : splice(cut, before, 1, '');
  const inner = result.slice(parent.offset + 1, parent.offset + parent.length - 1 - (text.length - result.length));
  return siblings.length === 1 && inner.trim() === '' ? splice(result, parent.offset + 1, inner.length, '') : result;
}

/**
 * Where the white space before an entry begins. Its line break stays where a line comment may stand before it, if
 * something would move behind the comment.
 * @param from the end of what is before
 */
function startOfGap(text: string, from: number, offset: number, end: number): number {
  const isLastOfLine = /^[ \t]*(\r?\n|$)/.test(text.slice(end));
  const before = text.slice(from, offset);
  const gap = isLastOfLine || !before.includes('//') ? /(\r?\n)?[ \t]*$/ : /[ \t]*$/;
  return from + (gap.exec(before)?.index ?? before.length);
}

/** After a value: the comma that follows it, if any, and the end of its line as far as white space and comments go. */
function readTrail(text: string, offset: number): { comma: number | null; lineEnd: number } {
  const scanner = createScanner(text, false);
  scanner.setPosition(offset);
  let comma: number | null = null;
  let lineEnd: number | null = null;
  let end = offset;
  for (;;) {
    scanner.scan();
    const start = scanner.getTokenOffset();
    const token = text.slice(start, start + scanner.getTokenLength());
    if (token === ',' && comma === null) comma = start;
    else if (/^[\r\n]/.test(token)) lineEnd ??= end;
    else if (!/^([ \t]|\/[/*])/.test(token)) return { comma, lineEnd: lineEnd ?? end };
    if (token.trim() !== '') end = start + token.length;
  }
}

function readValue(text: string, { offset, length }: Node): unknown {
  return parse(text.slice(offset, offset + length), [], PARSE_OPTIONS);
}

/** What holds the value in its object or list: the property with its name, or the value itself. */
function ownEntry(value: Node): Node {
  return value.parent?.type === 'property' ? value.parent : value;
}

function isBlank(text: string, node: Node): boolean {
  return node.children?.length === 0 && text.slice(node.offset + 1, node.offset + node.length - 1).trim() === '';
}

function spansLines(text: string, node: Node): boolean {
  return text.slice(node.offset, node.offset + node.length).includes('\n');
}

function splice(text: string, offset: number, length: number, content: string): string {
  return text.slice(0, offset) + content + text.slice(offset + length);
}
