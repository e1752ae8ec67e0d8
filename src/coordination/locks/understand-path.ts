import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { homeFolder } from '../../config.js';
import { GlobError } from '../../globs/glob-error.js';

/** What is at a path as its speaker names it. */
export type Exists = (path: string) => 'file' | 'folder' | null;

const WRAPPED = /^(?:`(.+)`|"(.+)"|'(.+)'|“(.+)”|‘(.+)’|«(.+)»|<(.+)>)$/su;
const MARKDOWN_LINK = /^\[[^\]]*\]\((.+)\)$/s;
const BULLET = /^(?:[-+•]|\*(?=\s)|\d+[.)])\s+/;
const LINE = /^(.+?)(?::L?\d+(?:[:,-]L?\d+)*|#L\d+(?:-L?\d+)?|\(\d+,\s*\d+\))$/s;
const WILDCARD = /[*?]/;
const LOOKS_LIKE_PATH = /\/|\.\w{1,10}$|[*?]/;
const URL_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const VARIABLE = /\$\{|^\$[A-Z_]+(?:\/|$)|^%\w+%/;
const HAS_EXTENSION = /\.[a-z]\w{0,9}$/i;
const ONE_EACH =
  "Give each path as an entry of its own, without anything else; write './' before a name that has spaces.";

/**
 * The paths and globs that a text means: models write several in one, with line numbers, quotes, a leading `@`. What
 * exists under exactly that name is meant so.
 * @throws GlobError for what is no path: it would be granted, and protect nothing
 */
export function understandPath(text: string, exists: Exists): string[] {
  if (text.trim() === '' || exists(text) !== null) return [text];
  const parts = splitList(text);
  if (parts.length === 1) return understandOne(parts[0] ?? text, exists);
  const paths = parts.flatMap((part) => understandOne(part, exists));
  const isSpaced = /[,;]\s/.test(text);
  const areAll = paths.every((path) => exists(path) !== null || (isSpaced && LOOKS_LIKE_PATH.test(path)));
  if (!areAll) throw new GlobError('seems to name several paths', ONE_EACH);
  return paths;
}

/** Cuts at commas and semicolons outside of braces and brackets. */
function splitList(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const char of text) {
    if ('{['.includes(char)) depth += 1;
    if ('}]'.includes(char)) depth -= 1;
    if (depth <= 0 && ',;'.includes(char)) parts.push('');
    else parts[parts.length - 1] += char;
  }
  const named = parts.map((part) => part.trim()).filter((part) => part !== '');
  return named.length === 0 ? [text] : named;
}

function understandOne(text: string, exists: Exists): string[] {
  if (exists(text) !== null) return [text];
  const path = [unwrap, readUrl, readHome, readMention, readLine, readSeparators].reduce(
    (read, rule) => (exists(read) === null ? rule(read, exists) : read),
    text,
  );
  if (exists(path) !== null) return [path];
  refuseUnexpanded(path);
  return splitWords(path, exists);
}

function unwrap(text: string, exists: Exists): string {
  const bare = text
    .trim()
    .replace(BULLET, '')
    .replace(/[,;:]+$/, '');
  const inner =
    WRAPPED.exec(bare)
      ?.slice(1)
      .find((group) => group !== undefined) ?? MARKDOWN_LINK.exec(bare)?.[1];
  if (inner !== undefined) return exists(inner) === null ? unwrap(inner, exists) : inner;
  const sentence = bare.replace(/\.$/, '');
  return exists(sentence) === null ? bare : sentence;
}

function readUrl(text: string): string {
  if (!URL_SCHEME.test(text)) return text;
  try {
    if (/^file:/i.test(text)) return fileURLToPath(text);
  } catch {
    // A file on another host.
  }
  throw new GlobError('is a URL', 'Give the path of a file in the project.');
}

function readHome(text: string): string {
  return text.startsWith('~/') ? join(homeFolder(), text.slice(2)) : text;
}

/** `@src/a.ts`, as clients let people mention files. A scope such as `@acme` that exists is a folder. */
function readMention(text: string, exists: Exists): string {
  if (!text.startsWith('@') || exists(firstFolder(text)) !== null) return text;
  const rest = readLine(text.slice(1), exists);
  if (exists(rest) !== null || (rest.includes('/') && exists(firstFolder(rest)) !== null)) return rest;
  throw new GlobError(
    `begins with '@', and neither that nor ${JSON.stringify(rest)} exists`,
    "Give the path alone; write './' before it where its name begins with '@'.",
  );
}

function firstFolder(path: string): string {
  return path.split('/')[0] ?? path;
}

/** `src/a.ts:12:5`, `src/a.ts#L12`; a file named so would have been found. */
function readLine(text: string, exists: Exists): string {
  const base = LINE.exec(text)?.[1];
  if (base === undefined) {
    const file = text.slice(0, Math.max(text.indexOf(':'), 0));
    return file !== '' && exists(file) === 'file' ? file : text;
  }
  if (exists(base) !== null || WILDCARD.test(base)) return base;
  throw new GlobError('ends in a line number', `Give the path alone: ${JSON.stringify(base)}.`);
}

/** `src\a.ts` where that is no separator: it would be read as an escaped letter. */
function readSeparators(text: string, exists: Exists): string {
  if (sep === '\\' || !/\\[\w.@-]/.test(text)) return text;
  const path = text.replaceAll('\\', '/');
  if (!/^[a-z]:/i.test(path) && exists(firstFolder(path)) !== null) return path;
  throw new GlobError('has backslashes between names', "Write '/' between folders, relative to the project.");
}

function refuseUnexpanded(text: string): void {
  if (VARIABLE.test(text)) throw new GlobError('holds a variable', 'Give the path itself.');
  if (/(?:^|\/)(?:\.{3,}|…)(?:\/|$)/.test(text)) {
    throw new GlobError("holds '...' in place of a folder", "Give the whole path, or '**' for any folders.");
  }
}

/** A name may have spaces; several paths in a row, or a path with a remark, may not pass for one. */
function splitWords(text: string, exists: Exists): string[] {
  const words = text.split(/\s+(?:and\s+)?/).filter((word) => word !== '');
  if (words.length < 2 || text.startsWith('./')) return [text];
  if (words.every((word) => exists(word) !== null)) return words;
  const hasPathWithin = words.slice(0, -1).some((word) => HAS_EXTENSION.test(word) || exists(word) === 'file');
  if (hasPathWithin) throw new GlobError('holds more than one path', ONE_EACH);
  if (LOOKS_LIKE_PATH.test(text)) return [text];
  throw new GlobError('is no path', 'Give the path of a file or folder, or a glob.');
}
